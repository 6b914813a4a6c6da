"""Deleting in ComfyUI's folders, and never anywhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.common.errors import ConfigError
from services.tunnel.host.folders import Folders, delete


def everything(_: str) -> bool:
    return True


def test_only_what_is_named_and_chosen(tmp_path: Path) -> None:
    """In all sub-folders the named files go, if they are chosen too; the rest stays."""
    for name in ("a.png", "sub/a.png", "sub/.hidden/a.png", "b.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    gone = delete(tmp_path, lambda name: name == "a.png", lambda found: found.subfolder != "sub")

    assert [("", "a.png"), ("sub/.hidden", "a.png")] == sorted((one.subfolder, one.name) for one in gone)
    assert ["b.png", "sub/a.png"] == sorted(
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    )


def test_links_are_neither_followed_nor_deleted(tmp_path: Path) -> None:
    """A link to a file, to a folder, or out of the tree leads to nothing being deleted."""
    outside, root = tmp_path / "outside", tmp_path / "root"
    for folder in (outside, root):
        folder.mkdir()
    (outside / "precious.png").write_text("mine")
    (root / "precious.png").symlink_to(outside / "precious.png")
    (root / "folder").symlink_to(outside, target_is_directory=True)
    (root / "dangling").symlink_to(outside / "nothing")

    assert [] == delete(root, everything)
    assert "mine" == (outside / "precious.png").read_text()
    assert {"precious.png", "folder", "dangling"} == {path.name for path in root.iterdir()}


def test_only_regular_files(tmp_path: Path) -> None:
    """A pipe is not opened, and a folder of that name stays."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()

    assert [] == delete(tmp_path, everything)


@pytest.mark.parametrize("name", ["a\nb", "-rf", "*", "ünï 🙂", "a" * 255, "$(x)", "\udcff"])
def test_odd_names(tmp_path: Path, name: str) -> None:
    """A name that would be something else to a shell, or is no text, is a name."""
    (tmp_path / name).touch()
    (tmp_path / "other").touch()

    assert [name] == [one.name for one in delete(tmp_path, lambda given: given == name)]
    assert ["other"] == [path.name for path in tmp_path.iterdir()]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """ComfyUI makes its temp folder when it needs it: until then there is nothing to delete."""
    assert [] == delete(tmp_path / "temp", everything)


def test_folders_are_looked_at_before(tmp_path: Path) -> None:
    """A folder that is not there, or three that are not three, are named when the host starts."""
    for name in ("input", "output"):
        (tmp_path / name).mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "output")

    folders = Folders.checked(input=tmp_path / "input", output=link, temp=tmp_path / "temp")
    assert tmp_path / "output" == folders.output
    with pytest.raises(ConfigError, match="TUNNEL_COMFYUI_OUTPUT_DIR"):
        Folders.checked(input=tmp_path / "input", output=tmp_path / "none", temp=tmp_path / "temp")
    with pytest.raises(ConfigError, match="three different"):
        Folders.checked(input=tmp_path / "input", output=tmp_path / "input", temp=tmp_path / "temp")

"""What is wrong with a machine is found, and no finding is a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli import doctor, machine_checks
from services.cli.finding import Finding
from services.common.keys import ensure_key_file


def test_key_that_is_none_is_found(tmp_path: Path) -> None:
    """An empty file, or one that others can read, fails; none yet, and a good one, hold."""
    path = tmp_path / "root.key"
    missing = machine_checks.root_key(path)
    ensure_key_file(path)
    good = machine_checks.root_key(path)
    path.chmod(0o644)
    shown = machine_checks.root_key(path)
    path.write_text("")
    empty = machine_checks.root_key(path)

    assert ["holds", "holds", "fails", "fails"] == [it.verdict for it in (missing, good, shown, empty)]
    assert "0 bytes" in empty.detail


@pytest.mark.parametrize("home", ["/etc/hostname", "/proc/nope"])
def test_folder_that_can_not_be_one_is_found(home: str) -> None:
    """A file in its place, or a place where nothing can be made."""
    assert "fails" == machine_checks.data_directory(Path(home)).verdict


def test_closed_folder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't even be looked at is not there for us: the nearest folder that is there counts."""

    def closed(path: Path) -> bool:
        if str(path).startswith("/closed"):
            raise PermissionError(13, "Permission denied")
        return True

    monkeypatch.setattr(Path, "exists", closed)

    assert "made on first use" in machine_checks.data_directory(Path("/closed/home")).detail


def test_findings_stand_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """However long a name is, something stands between it and what was found."""
    names = ("nats", "backend with-a-name-of-thirty-two-letters")
    doctor.print_findings(
        [Finding(what=name, verdict="fails", detail="found", remedy="[mend] it") for name in names],
        doctor.Console(width=80),
    )
    lines = capsys.readouterr().out.splitlines()

    assert [lines[0].index("found")] * 2 == [line.index("found") for line in lines[::2]]
    assert [lines[0].index("found")] * 2 == [line.index("[mend]") for line in lines[1::2]]
    assert "letters  found" in lines[2]

"""The hidden service's folder."""

from __future__ import annotations

import stat
from pathlib import Path

from services.tunnel.host.identity import authorized_line
from services.tunnel.host.service_dir import authorize, hostname, write_service

SEED, KEY = b"a" * 32, b"b" * 32


def names(folder: Path) -> set[str]:
    """Files below *folder*."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_it_is_written_anew(tmp_path: Path) -> None:
    """What lay there before is gone: no address of another release, no client of before."""
    folder = tmp_path / "service"
    write_service(folder, SEED, {"old": KEY})
    (folder / "hostname").write_text("old.anon")
    write_service(folder, SEED, {"gpu": KEY})

    keys = {"hs_ed25519_secret_key", "hs_ed25519_public_key"}
    assert keys | {"authorized_clients/gpu.auth", "authorized_clients/.nobody.auth"} == names(folder)
    assert authorized_line(KEY) == (folder / "authorized_clients" / "gpu.auth").read_text()
    assert "" == hostname(folder)


def test_it_is_closed_to_others(tmp_path: Path) -> None:
    """What tor refuses are folders that others may enter; keys are nobody else's business."""
    folder = tmp_path / "service"
    write_service(folder, SEED, {"gpu": KEY})

    for path in (folder, *folder.rglob("*")):
        assert (0o700 if path.is_dir() else 0o600) == stat.S_IMODE(path.stat().st_mode)


def test_without_clients_nobody_is_let_in(tmp_path: Path) -> None:
    """An empty list of clients would open the service to all: a key that nobody has stands in it."""
    folder = tmp_path / "service"
    write_service(folder, SEED, {})
    first = (folder / "authorized_clients" / ".nobody.auth").read_text()
    authorize(folder, {})

    assert ["authorized_clients/.nobody.auth"] == sorted(
        names(folder) - {*map("hs_ed25519_{}_key".format, ("secret", "public"))}
    )
    assert first != (folder / "authorized_clients" / ".nobody.auth").read_text()


def test_a_client_is_shut_out(tmp_path: Path) -> None:
    """Whoever is not named any more has no file any more; the others keep theirs."""
    folder = tmp_path / "service"
    write_service(folder, SEED, {"gpu": KEY, "cpu": KEY})
    authorize(folder, {"cpu": KEY})

    assert {"cpu.auth", ".nobody.auth"} == names(folder / "authorized_clients")


def test_a_public_service_has_no_clients(tmp_path: Path) -> None:
    """The web chat is for everybody: no client authorization at all."""
    folder = tmp_path / "service"
    write_service(folder, SEED, None)

    assert not (folder / "authorized_clients").exists()

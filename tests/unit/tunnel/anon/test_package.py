from __future__ import annotations

import base64
import hashlib
import tarfile
from collections.abc import Callable
from io import BytesIO

import pytest

from services.tunnel.anon.package import MEMBERS, PackageRefusedError, check, unpack

FOLDER = "package/bin/linux/x64/"


def member(name: str, content: bytes = b"content", **attributes: object) -> tuple[tarfile.TarInfo, bytes]:
    """A member of an archive."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info, content


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """An archive of *members*."""
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for info, content in members:
            tar.addfile(info, BytesIO(content))
    return packed.getvalue()


def whole(*more: tuple[tarfile.TarInfo, bytes], without: str = "") -> bytes:
    """An archive with everything that is wanted, and *more*."""
    return archive(*(member(FOLDER + name, name.encode()) for name in MEMBERS if name != without), *more)


def test_what_is_kept() -> None:
    """The four files with their content; scripts, other builds and paths elsewhere are not looked at."""
    packed = whole(
        member("package/package.json"),
        member("package/bin/darwin/x64/anon"),
        member(FOLDER + "anon-proxy"),
        member("/etc/anon"),
        member("../../anon"),
        member(FOLDER + "../x64/anon"),
        member(FOLDER + "/anon"),
    )

    assert {name: name.encode() for name in MEMBERS} == dict(unpack(packed))


@pytest.mark.parametrize(
    "hostile",
    [
        lambda: whole(member(FOLDER + "anon", b"another")),
        lambda: whole(without="anon"),
        lambda: whole(member(FOLDER + "anon", b"", type=tarfile.SYMTYPE, linkname="/bin/sh"), without="anon"),
        lambda: whole(
            member(FOLDER + "anon", b"", type=tarfile.LNKTYPE, linkname="package/package.json"),
            without="anon",
        ),
        lambda: whole(member(FOLDER + "anon", b"", type=tarfile.DIRTYPE), without="anon"),
        lambda: whole(member(FOLDER + "anon", b"", type=tarfile.FIFOTYPE), without="anon"),
        lambda: whole()[:-40],
        lambda: b"no archive",
        lambda: b"",
    ],
    ids=["twice", "missing", "symlink", "hard link", "folder", "pipe", "cut", "no archive", "empty"],
)
def test_what_is_refused(hostile: Callable[[], bytes]) -> None:
    """A file that is missing, comes twice or is no file, and an archive that is not whole."""
    with pytest.raises(PackageRefusedError):
        list(unpack(hostile()))


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond all measure is refused before it is read."""
    monkeypatch.setattr("services.tunnel.anon.package._MEMBER_MAX_BYTES", 3)

    with pytest.raises(PackageRefusedError):
        list(unpack(whole()))


def test_the_hash() -> None:
    """The archive with that hash passes; one with another is refused, with both hashes to compare."""
    packed = whole()
    found = base64.b64encode(hashlib.sha512(packed).digest()).decode()

    check(packed, f"sha512-{found}")
    with pytest.raises(PackageRefusedError, match="Nothing of it was unpacked"):
        check(packed + b"x", f"sha512-{found}")
    with pytest.raises(PackageRefusedError) as caught:
        check(packed)
    assert found in str(caught.value)

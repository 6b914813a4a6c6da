"""The package that holds the real anon: which one, how it is known, and what of it is kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import tarfile
from collections.abc import Iterator
from io import BytesIO

from services.common.errors import RejectedError

VERSION = "1.1.3"
PACKAGE = f"@anyone-protocol/anyone-client@{VERSION}"
INTEGRITY = "sha512-QIkIhOnQo6R8xn4VsqCbmG8JtKaAsSWnHb230NU0x7Oo5EEPW0kVeEIztIvHARWEAmQ0ntK+yVgFNK4MY8fSeA=="

_FOLDER = "package/bin/linux/x64/"
MEMBERS = {"anon": 0o755, "anon-gencert": 0o755, "geoip": 0o644, "geoip6": 0o644}
"""What is kept, with its mode. Nothing else of the package is written anywhere, let alone run."""

_MEMBER_MAX_BYTES = 64 * 1024 * 1024


class PackageRefusedError(RejectedError):
    """The package is not the one that was reviewed."""

    code = "package-refused"


def check(archive: bytes, integrity: str = INTEGRITY) -> None:
    """
    Compare *archive* with the pinned hash.

    Raises:
        PackageRefusedError: It is another file.
    """
    algorithm, _, expected = integrity.partition("-")
    found = base64.b64encode(hashlib.new(algorithm, archive).digest()).decode()
    if not hmac.compare_digest(found, expected):
        raise PackageRefusedError(
            f"{PACKAGE} is not what it should be: its {algorithm} is {found}, and {expected} was expected. "
            "Nothing of it was unpacked."
        )


def unpack(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """
    Name and content of each of ``MEMBERS``, wherever else the archive may point.

    Raises:
        PackageRefusedError: One is missing, comes twice, is no plain file or too large; or it is no archive.
    """
    found: set[str] = set()
    try:
        with tarfile.open(fileobj=BytesIO(archive), mode="r:gz") as tar:
            for member in tar:
                name = member.name.removeprefix(_FOLDER)
                if member.name != _FOLDER + name or name not in MEMBERS:
                    continue
                if name in found or not member.isreg() or member.size > _MEMBER_MAX_BYTES:
                    raise PackageRefusedError(f"{PACKAGE}: its {name} comes twice, or is no plain file.")
                found.add(name)
                file = tar.extractfile(member)
                yield name, file.read() if file is not None else b""
    except (tarfile.TarError, EOFError, OSError) as exc:
        raise PackageRefusedError(f"{PACKAGE} is no whole archive.") from exc
    if missing := MEMBERS.keys() - found:
        raise PackageRefusedError(f"{PACKAGE} has no {', '.join(sorted(missing))}.")

"""The deployment's root key, and the keys for each use that are derived from it."""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from services.common.errors import ConfigError

KEY_BYTES = 32
# To make a new one comes second: what was sealed under the old one stays closed for ever.
_REMEDY = (
    "Put back the key that this deployment's data was made with; for a deployment without data make one "
    "with: openssl rand -base64 32."
)


class Keyring(Struct, frozen=True, kw_only=True):
    """
    Keys derived from the root, one per use, so that none serves two.

    Attributes:
        transport: Seals private parts on NATS.
        wrap: Wraps each person's key in Postgres.
        pseudonym: Makes ids of chats, persons and messages by HMAC.
        session: Signs the web chat's cookies.
        webhook: Known to Telegram alone, which shows it with each update that it posts.
    """

    transport: bytes
    wrap: bytes
    pseudonym: bytes
    session: bytes
    webhook: bytes

    def __repr__(self) -> str:
        return "Keyring(…)"


def derive(root: bytes) -> Keyring:
    """Every key from *root* (32 bytes) by HKDF-SHA256 under a label of its own."""

    def key(label: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"darkroom {label} v1".encode()).derive(root)

    return Keyring(
        transport=key("transport"),
        wrap=key("wrap"),
        pseudonym=key("pseudonym"),
        session=key("session"),
        webhook=key("webhook"),
    )


def read_keyring(path: Path) -> Keyring:
    """
    The keyring of a key file: 32 bytes in base64, on one line.

    Raises:
        ConfigError: No such file, or not a key.
    """
    try:
        root = base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)
    except OSError as exc:
        raise ConfigError(f"The key file {path} can't be read: {exc.strerror}. {_REMEDY}") from exc
    except (UnicodeDecodeError, binascii.Error) as exc:
        raise ConfigError(f"The key file {path} holds no base64. {_REMEDY}") from exc
    if len(root) != KEY_BYTES:
        raise ConfigError(f"The key file {path} holds {len(root)} bytes, not {KEY_BYTES}. {_REMEDY}")
    return derive(root)


def ensure_key_file(path: Path) -> None:
    """Make a root key at *path* unless there is one; only its owner may read it, and nothing replaces it."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # readable by its owner only
    fresh = Path(name)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # Not a rename: of two processes that start at once, the first one's key stays.
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
    finally:
        fresh.unlink()

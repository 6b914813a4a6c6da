"""Each person's data key: wrapped by the deployment's key, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from services.common.db import Connection
from services.common.errors import ConfigError, RejectedError
from services.common.keys import Keyring
from services.common.seal import UnsealError, new_key, seal, seal_struct, unseal, unseal_struct

T = TypeVar("T")

_FIND = "SELECT wrapped FROM person_key WHERE person_id = $1"
# Several: one damaged row must not pass for another key.
_SOME = "SELECT person_id, wrapped FROM person_key LIMIT 5"
_ADD = "INSERT INTO person_key (person_id, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING"


class ForgottenError(RejectedError):
    """The person's key was destroyed: what was sealed under it is gone."""

    code = "forgotten"


class KeyMissingError(RejectedError):
    """A medium came without its key: nobody could ever open it."""

    code = "key-missing"


def key_of(keys: Mapping[UUID, bytes], media_id: UUID) -> bytes:
    """The key of a medium among those that came with it; raises ``KeyMissingError``."""
    try:
        return keys[media_id]
    except KeyError as exc:
        raise KeyMissingError(str(media_id)) from exc


async def require_same_key(conn: Connection, keyring: Keyring) -> None:
    """
    Check that *keyring* is the one that this log was begun with, by keys it wrapped, if there are any.

    Raises:
        ConfigError: It is another: everybody would be a stranger, and nothing old would open.
    """
    wrapped = await conn.fetch(_SOME)
    if wrapped and not any(_opens(keyring, row["person_id"], row["wrapped"]) for row in wrapped):
        raise ConfigError(
            "DARKROOM_KEY_FILE holds another key than the one this event log was made with, and nothing in "
            "it opens without that one. Put the old key back, or begin a new log in another database or "
            "folder (--data)."
        )


def _opens(keyring: Keyring, person_id: UUID, wrapped: bytes) -> bool:
    try:
        unseal(keyring.wrap, wrapped, person_id)
    except UnsealError:
        return False
    return True


class PersonKeys:
    """Seals for the log and opens from it, within one transaction: each key is unwrapped once."""

    def __init__(self, conn: Connection, keyring: Keyring) -> None:
        self._conn = conn
        self._keyring = keyring
        self._opened: dict[UUID, bytes] = {}

    async def ensure(self, person_id: UUID) -> bytes:
        """The person's key, made when there is none yet."""
        try:
            return await self.find(person_id)
        except ForgottenError:
            wrapped = seal(self._keyring.wrap, new_key(), person_id)
            await self._conn.execute(_ADD, person_id, wrapped)
            return await self.find(person_id)

    async def find(self, person_id: UUID) -> bytes:
        """The person's key; raises ``ForgottenError``."""
        if person_id not in self._opened:
            wrapped = await self._conn.fetchval(_FIND, person_id)
            if wrapped is None:
                raise ForgottenError(str(person_id))
            self._opened[person_id] = unseal(self._keyring.wrap, wrapped, person_id)
        return self._opened[person_id]

    async def open(self, person_id: UUID, box: bytes, belongs_to: UUID, kind: type[T]) -> T:
        """Open what was sealed for the log; raises ``ForgottenError`` or ``UnsealError``."""
        return unseal_struct(await self.find(person_id), box, belongs_to, kind)

    async def seal(self, person_id: UUID, private: Struct, belongs_to: UUID) -> bytes:
        """Seal for the log."""
        return seal_struct(await self.ensure(person_id), private, belongs_to)

    def open_transport(self, box: bytes, belongs_to: UUID, kind: type[T]) -> T:
        """Open what came over NATS; raises ``UnsealError``."""
        return unseal_struct(self._keyring.transport, box, belongs_to, kind)

    def seal_transport(self, private: Struct, belongs_to: UUID) -> bytes:
        """Seal for NATS."""
        return seal_struct(self._keyring.transport, private, belongs_to)

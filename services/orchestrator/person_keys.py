"""Each person's data key: wrapped by the deployment's key, and nowhere else."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from services.common.db import Connection
from services.common.errors import RejectedError
from services.common.keys import Keyring
from services.common.seal import new_key, seal, seal_struct, unseal, unseal_struct

T = TypeVar("T")

_FIND = "SELECT wrapped FROM person_key WHERE person_id = $1"
_ADD = "INSERT INTO person_key (person_id, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING"


class ForgottenError(RejectedError):
    """The person's key was destroyed: what was sealed under it is gone."""

    code = "forgotten"


class PersonKeys:
    """Seals for the log and opens from it, within one transaction."""

    def __init__(self, conn: Connection, keyring: Keyring) -> None:
        self._conn = conn
        self._keyring = keyring

    async def ensure(self, person_id: UUID) -> bytes:
        """The person's key, made when there is none yet."""
        wrapped = await self._conn.fetchval(_FIND, person_id)
        if wrapped is None:
            key = new_key()
            await self._conn.execute(_ADD, person_id, seal(self._keyring.wrap, key, person_id))
            wrapped = await self._conn.fetchval(_FIND, person_id)
        return unseal(self._keyring.wrap, wrapped, person_id)

    async def find(self, person_id: UUID) -> bytes:
        """The person's key; raises ``ForgottenError``."""
        wrapped = await self._conn.fetchval(_FIND, person_id)
        if wrapped is None:
            raise ForgottenError(str(person_id))
        return unseal(self._keyring.wrap, wrapped, person_id)

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

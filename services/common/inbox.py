"""The inbox: a message is claimed in the same transaction as its effect, so it takes effect once."""

from __future__ import annotations

from uuid import UUID

from services.common.db import Connection

_CLAIM = """
INSERT INTO inbox (consumer, message_id) VALUES ($1, $2)
ON CONFLICT DO NOTHING RETURNING true
"""

# Far longer than a message can be on its way: streams hand out what they hold again within seconds.
_FORGET = "DELETE FROM inbox WHERE claimed_at < now() - interval '30 days'"


async def claim(conn: Connection, consumer: str, message_id: UUID) -> bool:
    """True the first time a consumer sees a message; undone when the transaction is."""
    return bool(await conn.fetchval(_CLAIM, consumer, message_id))


async def forget_old(conn: Connection) -> None:
    """Drop claims that no delivery can ask for any more, so that the inbox does not grow for ever."""
    await conn.execute(_FORGET)

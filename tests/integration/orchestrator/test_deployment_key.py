"""The log belongs to one deployment's key, and another one is noticed before anything is done with it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from services.common import db
from services.common.errors import ConfigError
from services.common.keys import derive
from services.orchestrator.migration import migrate
from services.orchestrator.person_keys import PersonKeys, require_same_key


async def test_another_key_is_refused(postgres_url: str) -> None:
    """An empty log takes any key; one with people in it takes theirs only, and says what to do."""
    conn, ours, other = await db.connect(postgres_url), derive(b"k" * 32), derive(b"o" * 32)
    try:
        await migrate(conn)
        await require_same_key(conn, other)
        await PersonKeys(conn, ours).ensure(uuid4())
        await require_same_key(conn, ours)
        with pytest.raises(ConfigError, match=r"DARKROOM_KEY_FILE holds another key.*Put the old key back"):
            await require_same_key(conn, other)
    finally:
        await conn.close()

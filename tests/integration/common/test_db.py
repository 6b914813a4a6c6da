"""What the driver's errors become, with a real Postgres."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import pytest

from services.common import db
from services.common.db import Pool, connection, open_pool, snapshot, transaction
from services.common.errors import ConfigError, UnavailableError


@pytest.fixture
async def pool(postgres_url: str) -> AsyncGenerator[Pool]:
    opened = await open_pool(postgres_url)
    yield opened
    opened.terminate()


@pytest.mark.parametrize(
    "state", ["53100", "53200", "53300", "57014", "57P01", "57P03", "40001", "40P01", "25006", "08006"]
)
async def test_trouble_of_the_server_may_pass(pool: Pool, state: str) -> None:
    """A full disk, no memory, a restart, a lost race, a replica after a failover: it is tried again."""
    with pytest.raises(UnavailableError):
        async with transaction(pool) as conn:
            await conn.execute(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$")


async def test_a_connection_that_was_just_told_of_the_end_is_no_bug(postgres_url: str) -> None:
    """Between Postgres's last words and the closed socket the driver can't begin anything on it."""
    conn = await db.connect(postgres_url)
    try:
        last_words = b"SFATAL\0VFATAL\0C57P02\0Mterminating connection because of a crash\0\0"
        raw: Any = conn
        raw._protocol.data_received(b"E" + (len(last_words) + 4).to_bytes(4, "big") + last_words)
        with pytest.raises(UnavailableError), db.translated():
            await conn.execute("BEGIN")
    finally:
        raw.terminate()


@pytest.mark.parametrize("value", ["\0", "\ud800", 10**30, 5])
async def test_a_value_that_can_never_be_stored_is_a_bug(pool: Pool, value: object) -> None:
    """Taken for an outage, it would be tried for ever."""
    with pytest.raises((ValueError, asyncpg.DataError)):
        async with transaction(pool) as conn:
            await conn.fetchval("SELECT $1::text", value)


@pytest.mark.parametrize(
    ("old", "new"), [("postgresql://", "mysql://"), ("@127", "x@127"), ("/test_", "/no_test_")]
)
async def test_a_wrong_address_is_a_wrong_setting(postgres_url: str, old: str, new: str) -> None:
    """Not an outage to be waited for; and the password is not repeated."""
    with pytest.raises(ConfigError, match="DATABASE_URL") as caught:
        await db.connect(postgres_url.replace(old, new, 1))
    assert postgres_url.split(":")[2].split("@", maxsplit=1)[0] not in str(caught.value)


async def test_a_snapshot_is_of_one_moment(pool: Pool) -> None:
    """What is committed after its first statement is not in it."""
    async with connection(pool) as conn:
        await conn.execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
    async with snapshot(pool) as reading:
        before = await reading.fetchval("SELECT count(*) FROM t")
        async with connection(pool) as conn:
            await conn.execute("INSERT INTO t VALUES (2)")
        assert before == await reading.fetchval("SELECT count(*) FROM t")

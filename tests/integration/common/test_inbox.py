"""A message takes effect once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from services.common.db import Pool, connection, open_pool, transaction
from services.common.inbox import claim, forget_old
from services.orchestrator.migration import migrate
from tests.builders import uuid


@pytest.fixture
async def pool(postgres_url: str) -> AsyncGenerator[Pool]:
    opened = await open_pool(postgres_url)
    async with connection(opened) as conn:
        await migrate(conn)
    yield opened
    opened.terminate()


async def take(pool: Pool, consumer: str = "one") -> bool:
    async with transaction(pool) as conn:
        return await claim(conn, consumer, uuid(1))


async def test_a_message_is_claimed_once_by_each_consumer(pool: Pool) -> None:
    """The second delivery claims nothing; another consumer is another matter."""
    assert [True, False] == [await take(pool), await take(pool)]
    assert await take(pool, "two")


async def test_of_many_at_once_one_claims(pool: Pool) -> None:
    """Two orchestrators with one message: the later waits for the earlier, and then has nothing to do."""
    assert 1 == sum(await asyncio.gather(*(take(pool) for _ in range(6))))


async def test_a_claim_is_undone_with_its_effect(pool: Pool) -> None:
    """A transaction that failed leaves the message to the next delivery."""

    async def fail() -> None:
        async with transaction(pool) as conn:
            assert await claim(conn, "one", uuid(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await take(pool)


async def test_old_claims_are_forgotten(pool: Pool) -> None:
    """And only those that no delivery can ask for."""
    await take(pool)
    async with transaction(pool) as conn:
        await forget_old(conn)
        assert not await claim(conn, "one", uuid(1))
        await conn.execute("UPDATE inbox SET claimed_at = now() - interval '31 days'")
        await forget_old(conn)
        assert await claim(conn, "one", uuid(1))

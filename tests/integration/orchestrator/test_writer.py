"""A message takes effect once, and what it decides rests on what is so when it is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest

from schemas.catalogue import BackendReport
from schemas.events.backend import BackendObserved
from services.common.db import Pool, connection, open_pool
from services.orchestrator.backend import Backend
from services.orchestrator.ledger import Ledger
from services.orchestrator.mark import Append
from services.orchestrator.migration import migrate
from services.orchestrator.recall import Recall
from services.orchestrator.writer import Writer
from tests.builders import AT, uuid
from tests.integration.orchestrator.studio import open_studio
from tests.servers import eventually


@pytest.fixture
async def pool(postgres_url: str) -> AsyncGenerator[Pool]:
    opened = await open_pool(postgres_url)
    async with connection(opened) as conn:
        await migrate(conn)
    yield opened
    opened.terminate()


def observed(version: str, backend: str = "gpu") -> Append:
    report = BackendReport(backend=backend, reachable=True, version=version)
    return Append(stream=f"backend-{backend}", event=BackendObserved(report=report))


async def take(writer: Writer, number: int, consumer: str = "one") -> bool:
    """One message, which changes something; whether it took effect."""

    async def work(ledger: Ledger) -> bool:
        await ledger.record([observed(str(number))])
        return True

    return bool(await writer.write(uuid(number), AT, work, consumer=consumer))


async def count(pool: Pool) -> int:
    async with connection(pool) as conn:
        return await conn.fetchval("SELECT count(*) FROM event_log")


async def test_a_message_takes_effect_once_for_each_consumer(pool: Pool) -> None:
    """The second delivery changes nothing; another consumer is another matter."""
    writer = Writer(pool, Recall())
    assert [True, False, False] == [await take(writer, 1) for _ in range(3)]
    assert 1 == await count(pool)


async def test_of_many_at_once_one_takes_effect(pool: Pool) -> None:
    """Several orchestrators with one message: the later wait for the earlier, and then have nothing to do."""
    writers = [Writer(pool, Recall()) for _ in range(6)]
    assert 1 == sum(await asyncio.gather(*(take(writer, 1) for writer in writers)))
    assert 1 == await count(pool)


async def test_what_changes_nothing_is_taken_once_too(pool: Pool) -> None:
    """Should it mean something later, it is too late: it was answered."""
    writer = Writer(pool, Recall())

    async def nothing(ledger: Ledger) -> bool:
        return True

    assert await writer.write(uuid(1), AT, nothing, consumer="one")
    assert not await take(writer, 1)
    assert 0 == await count(pool)


@pytest.mark.parametrize("messages_before", [0, 1, 3])
async def test_a_claim_is_undone_with_its_effect(pool: Pool, messages_before: int) -> None:
    """Work that failed leaves the message to the next delivery, whether the log was locked or not."""
    writer = Writer(pool, Recall())
    for number in range(messages_before):
        await take(writer, 100 + number)

    async def fail(ledger: Ledger) -> bool:
        await ledger.record([observed("7")])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await writer.write(uuid(1), AT, fail, consumer="one")
    assert messages_before == await count(pool)
    assert await take(writer, 1)


async def test_what_others_wrote_meanwhile_is_known(pool: Pool) -> None:
    """Work that was overtaken is done again with what is so now; each version is decided on once."""
    writers = [Writer(pool, Recall()) for _ in range(3)]
    seen: list[tuple[str, int]] = []

    async def add(ledger: Ledger) -> None:
        known = await ledger.state(Backend, "backend-gpu")
        await asyncio.sleep(0)
        version = int(known.report.version) + 1 if known else 1
        await ledger.record([observed(str(version))])

    async def run(writer: Writer) -> None:
        for _ in range(20):
            await writer.write(uuid4(), AT, add)

    await run(writers[0])
    await asyncio.gather(*(run(writer) for writer in writers))
    async with connection(pool) as conn:
        rows = await conn.fetch("SELECT version, data FROM event_log ORDER BY position")
    seen = [(row["data"].decode(), row["version"]) for row in rows]
    assert [(True, n) for n in range(1, 81)] == [(f'"version":"{n}"' in data, n) for data, n in seen]


async def test_alone_it_locks_nothing_ahead(pool: Pool) -> None:
    """One statement is all it takes: while the work is done others may write, and then it is done again."""
    writer, other = Writer(pool, Recall()), Writer(pool, Recall())
    for number in range(3):
        await take(writer, number + 1)
    done: list[str] = []

    async def work(ledger: Ledger) -> None:
        known = await ledger.state(Backend, "backend-gpu")
        done.append(known.report.version if known else "")
        if len(done) == 1:
            await take(other, 77)
        await ledger.record([observed("8")])

    await writer.write(uuid4(), AT, work)
    assert ["3", "77"] == done


async def test_old_claims_are_forgotten(postgres_url: str, nats_url: str) -> None:
    """And only those that no delivery can ask for."""
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        await studio.fetchval(
            "UPDATE inbox SET claimed_at = now() - interval '31 days' "
            "WHERE message_id = (SELECT message_id FROM inbox LIMIT 1) RETURNING 1"
        )
        before = await studio.fetchval("SELECT count(*) FROM inbox")
    async with open_studio(postgres_url, nats_url) as studio:

        async def is_forgotten() -> bool:
            return before - 1 == await studio.fetchval("SELECT count(*) FROM inbox")

        await eventually(is_forgotten)

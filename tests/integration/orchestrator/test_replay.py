"""Replay finds what differs, in every table, and needs nobody to stop for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from schemas.events import Event
from services.common import db
from services.common.db import Pool, connection, open_pool, snapshot, transaction
from services.orchestrator import event_log, line, tables
from services.orchestrator import replay as module
from services.orchestrator.ledger import Ledger, ProjectionError
from services.orchestrator.mark import Append
from services.orchestrator.migration import migrate
from services.orchestrator.projection import PROJECTIONS
from services.orchestrator.recall import Recall
from services.orchestrator.replay import ReplayReport, replay
from services.orchestrator.rows import Rows
from services.orchestrator.writer import Writer
from tests.builders import event, members, uuid
from tests.integration.orchestrator.studio import Studio, open_studio, speaker


@pytest.fixture
async def pool(postgres_url: str) -> AsyncGenerator[Pool]:
    opened = await open_pool(postgres_url)
    async with connection(opened) as conn:
        await migrate(conn)
    yield opened
    opened.terminate()


async def replayed(url: str) -> ReplayReport:
    return await replay(url, lambda _done, _all: None)


async def record(
    pool: Pool, number: int, appends: list[tuple[str, Event]], writer: Writer | None = None
) -> None:
    """One message's events."""

    async def work(ledger: Ledger) -> None:
        await ledger.rows.unfinished()
        await ledger.rows.states("backend")
        await ledger.record([Append(stream=stream, event=happened) for stream, happened in appends])

    at = datetime.now(UTC) + timedelta(microseconds=number)
    await (writer or Writer(pool, Recall())).write(uuid(number), at, work)


def history(kind: str, dice: random.Random) -> list[tuple[str, Event]]:
    """A stream from its first event on, with any of its kind's events after it."""
    kinds = members(PROJECTIONS[kind].events)
    stream = f"{kind}-{UUID(int=dice.getrandbits(128))}"
    return [(stream, event(one)) for one in (kinds[0], *dice.choices(kinds, k=dice.randrange(6)))]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_rows_made_live_are_made_again(
    pool: Pool, postgres_url: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Whatever happened, interleaved, in every table, by three orchestrators of which each remembers what it
    saw last: byte-equal, also when replay's memory holds only a few rows.
    """
    monkeypatch.setattr(module, "_HELD_ROWS", 3)
    dice = random.Random(seed)
    streams = [history(kind, dice) for kind in PROJECTIONS for _ in range(4)]
    recalls = [Recall(most_rows=5), Recall(), Recall()]
    writers = [Writer(pool, recall) for recall in recalls]
    writer = writers[0]
    number = 1
    while streams:
        chosen = dice.choice(streams)
        writer = dice.choice([writer, writer, *writers])  # one may be alone for a while
        await record(pool, number, [chosen.pop(0)], writer)
        streams = [left for left in streams if left]
        number += 1

    report = await replayed(postgres_url)
    assert (number - 1, dict.fromkeys(PROJECTIONS, 0)) == (report.events, report.differing_rows)
    await _remember_alike(pool, recalls)


async def _remember_alike(pool: Pool, recalls: list[Recall]) -> None:
    """What each remembers is what stands in the database."""
    for recall in (*recalls, Recall()):
        async with snapshot(pool) as conn:
            rows = await Rows.as_of(conn, await event_log.head(conn), recall)
            found = await line.unfinished(conn)
            assert sorted(found.values(), key=lambda job: job.waiting.position) == await rows.unfinished()
            for kind in PROJECTIONS:
                stored = await tables.load_all(conn, kind)
                assert {stream.partition("-")[2]: row.state for stream, row in stored.items()} == (
                    await rows.states(kind)
                )
                for stream, row in stored.items():
                    assert row == await rows.row(stream)


@pytest.mark.parametrize("kind", sorted(PROJECTIONS))
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE projection.{kind} SET state = state || ' ' WHERE id = '{id}'",
        "UPDATE projection.{kind} SET version = version + 1 WHERE id = '{id}'",
        "DELETE FROM projection.{kind} WHERE id = '{id}'",
        "UPDATE projection.{kind} SET id = id || 'x' WHERE id = '{id}'",
    ],
)
async def test_a_row_that_differs_is_found(pool: Pool, postgres_url: str, kind: str, change: str) -> None:
    """Changed, dropped or put in: it is counted in its table, and the others are equal."""
    first = members(PROJECTIONS[kind].events)[0]
    for number in (1, 2):
        await record(pool, number, [(f"{kind}-{uuid(number)}", event(first))])
    async with connection(pool) as conn:
        await conn.execute(change.format(kind=kind, id=uuid(2)))

    differing = (await replayed(postgres_url)).differing_rows
    assert {kind: 2 if "'x'" in change else 1} == {name: n for name, n in differing.items() if n}


async def test_it_runs_beside_a_working_orchestrator(postgres_url: str, nats_url: str) -> None:
    """What is asked meanwhile neither waits for it nor is in it."""
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        asking = asyncio.ensure_future(_ask_many(studio))
        reports = [await replayed(postgres_url) for _ in range(5)]
        await asking
        reports.append(await replayed(postgres_url))

    assert all(report.holds for report in reports)
    assert reports[0].events < reports[-1].events


async def _ask_many(studio: Studio) -> None:
    for number in range(20):
        await studio.ask_picture(speaker(number))


async def test_an_event_that_cannot_be_read_is_named(pool: Pool, postgres_url: str) -> None:
    """Replay is strict: it says at which position, and leaves the database as it was."""
    first = members(PROJECTIONS["backend"].events)[0]
    await record(pool, 1, [("backend-gpu", event(first))])
    async with transaction(pool) as conn:
        await conn.execute("ALTER TABLE event_log DISABLE TRIGGER event_log_append_only")
        await conn.execute('UPDATE event_log SET data = \'{"type":"unheard.of.v1"}\'')
        await conn.execute("ALTER TABLE event_log ENABLE TRIGGER event_log_append_only")

    with pytest.raises(ValueError, match="position 1 of the log"):
        await replayed(postgres_url)
    conn = await db.connect(postgres_url)
    assert not await conn.fetchval("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'replay')")
    await conn.close()


async def test_a_row_behind_its_log_refuses_what_rests_on_it(pool: Pool) -> None:
    """Such a message is put aside, and not tried for ever: only mending the row helps."""
    first = members(PROJECTIONS["backend"].events)[0]
    await record(pool, 1, [("backend-gpu", event(first))])
    async with connection(pool) as conn:
        await conn.execute("DELETE FROM projection.backend")

    with pytest.raises(ProjectionError):
        await record(pool, 2, [("backend-gpu", event(first))])

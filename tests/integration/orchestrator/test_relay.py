"""What is sent, once, and in spite of what can't be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from schemas import codec, ids, subjects
from schemas.commands import ReportMediaMissing
from schemas.events.answer import AnswerGiven
from services.common import streams
from services.common.db import snapshot, transaction
from services.common.seal import new_key, seal
from services.orchestrator import transport
from services.orchestrator.composer import Composer
from services.orchestrator.gatekeeper import Gatekeeper
from services.orchestrator.mark import Append
from services.orchestrator.recall import Recall
from services.orchestrator.relay import Relay
from services.orchestrator.sent import Sent
from services.orchestrator.upkeep import STALE_S, Upkeep
from services.orchestrator.writer import Writer
from tests.builders import AT, REPORT, event, uuid
from tests.integration.orchestrator.studio import KEYRING, Studio, open_studio, speaker
from tests.servers import eventually


async def test_an_entry_and_its_version_are_of_one_moment(postgres_url: str, nats_url: str) -> None:
    """What is committed meanwhile is in the next one: the greater version is the newer state."""
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        job_id = await studio.ask_picture(speaker())
        order = await studio.attempt()
        async with snapshot(studio.pool) as reading:
            composer = await Composer.of_snapshot(
                reading, KEYRING, Recall(), Gatekeeper("direct", lambda: AT)
            )
            await studio.succeed(order)
            await studio.job_is(job_id, "status", "succeeded")
            before = await composer.job(job_id)
            assert before is not None
            old = await composer.job_entry(job_id, before)
        done = await studio.entry(job_id, "done")

    assert "preparing" == old.status
    assert old.version < done.version


async def test_a_message_too_large_for_nats_holds_up_nobody(postgres_url: str, nats_url: str) -> None:
    """It is told of in the log, and the relay goes on with what comes after it."""
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        me = speaker()
        first = await studio.ask_picture(me)
        await studio.attempt()
        huge = event(AnswerGiven, session_id=me.session_id, details={"x": "x" * 2_000_000})
        appends = [Append(stream=f"answer-{uuid(601)}", event=huge)]
        writer = Writer(studio.pool, Recall())
        await writer.write(uuid(600), datetime.now(UTC), lambda ledger: ledger.record(appends))
        second = await studio.ask_picture(me)

        await studio.entry(second, "preparing")
        await studio.entry(first, "preparing")


async def test_a_job_whose_words_do_not_open_takes_no_slot(postgres_url: str, nats_url: str) -> None:
    """It fails, and the others are rendered."""
    broken, fine = speaker(1), speaker(2)
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        lost = await studio.ask_picture(broken)
        await studio.succeed(await studio.attempt())
        await studio.entry(lost, "done")
        await studio.fetchval(
            "UPDATE person_key SET wrapped = $1 WHERE person_id = $2 RETURNING 1",
            seal(KEYRING.wrap, new_key(), broken.person_id),
            broken.person_id,
        )
        # Its picture was lost, so it has to be rendered again.
        await studio.say(broken, ReportMediaMissing(job_id=lost, attempt=1))
        await studio.job_is(lost, "status", "failed")
        job_id = await studio.ask_picture(fine)

        assert job_id == (await studio.attempt()).job_id


@pytest.fixture
def long_ago() -> datetime:
    """When everything of these tests will have been unchanged for long enough."""
    return datetime.now(UTC) + timedelta(seconds=2 * STALE_S)


async def test_what_nobody_answered_is_sent_again_once(
    postgres_url: str, nats_url: str, long_ago: datetime
) -> None:
    """However often it is looked, and by however many orchestrators: once in ten minutes."""
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        job_id = await studio.ask_picture(speaker())
        await studio.attempt()
        await studio.entry(job_id, "preparing")
        now = [long_ago]
        writer = Writer(studio.pool, Recall())
        relay = Relay(
            studio.pool,
            studio.bus,
            KEYRING,
            lambda: now[0],
            writer=writer,
            sent=Sent(),
            gatekeeper=Gatekeeper("direct", lambda: now[0]),
        )
        upkeep = Upkeep(studio.pool, studio.bus, relay, clock=lambda: now[0], replicas=1)
        for _ in range(3):
            await upkeep.sweep()
        # Something else happens meanwhile: the log grows, but the repetition is the same.
        await studio.observe(replace(REPORT, version="9"))
        await upkeep.sweep()

        assert job_id == (await studio.attempt()).job_id
        assert 1 == await _repetitions(studio, job_id)
        now[0] += timedelta(seconds=STALE_S)
        await upkeep.sweep()
        assert job_id == (await studio.attempt()).job_id


async def _repetitions(studio: Studio, job_id: UUID) -> int:
    """How many entries of a job were put into REPLIES that are not the relay's own."""
    own = {str(ids.message_id("entry", job_id, version)) for version in range(100)}
    pull = studio._pulls[subjects.replies_of("telegram")]
    names: set[str] = set()
    while (await studio.bus.jetstream.stream_info(subjects.REPLIES)).state.messages:
        [message] = await pull.fetch(1, timeout=5)
        await message.ack_sync()
        if codec.decode_reply(message.data).body.entry_id == job_id:
            names.add((message.headers or {})["Nats-Msg-Id"])
    return len(names - own)


async def test_of_several_one_finds_that_nats_was_emptied(postgres_url: str, nats_url: str) -> None:
    """While it sends everything again the others find nothing, and afterwards nobody does."""
    async with open_studio(postgres_url, nats_url) as studio:

        async def known() -> bool:
            return await studio.fetchval("SELECT count(*) FROM transport") == 3

        await eventually(known)
        await studio.bus.jetstream.delete_stream(subjects.RENDER)
        await streams.declare(studio.bus, replicas=1)
        async with transaction(studio.pool) as one, transaction(studio.pool) as two:
            found = [await transport.emptied(conn, studio.bus) for conn in (one, two)]
        async with transaction(studio.pool) as conn:
            found.append(await transport.emptied(conn, studio.bus))
    assert [True, False, False] == found

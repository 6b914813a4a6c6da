"""The log's mirror on EVENTS."""

from __future__ import annotations

from schemas import codec, subjects
from schemas.envelope import Recorded
from services.common.db import connection
from services.orchestrator import event_log
from services.orchestrator.mirror import Mirror
from tests.integration.orchestrator.studio import Studio, open_studio, speaker
from tests.servers import eventually


async def mirrored(studio: Studio) -> list[Recorded]:
    """What is on EVENTS, in order."""
    found: list[Recorded] = []
    info = await studio.bus.jetstream.stream_info(subjects.EVENTS)
    for sequence in range(1, info.state.last_seq + 1):
        message = await studio.bus.jetstream.get_msg(subjects.EVENTS, seq=sequence)
        found.append(codec.decode_recorded(message.data or b""))
    return found


async def logged(studio: Studio) -> list[Recorded]:
    """What is in the log."""
    async with connection(studio.pool) as conn:
        return await event_log.read(conn, 0, 1000)


async def test_the_mirror_holds_the_log(postgres_url: str, nats_url: str) -> None:
    """Every event, once, in the log's order and as it is there."""
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        me = speaker()
        job_id = await studio.ask_picture(me)
        await studio.succeed(await studio.attempt())
        await studio.outcome_shown(job_id, me)

        async def is_whole() -> bool:
            return len(await mirrored(studio)) == len(await logged(studio))

        await eventually(is_whole)
        by_position = sorted(await mirrored(studio), key=lambda record: record.position)
        assert await logged(studio) == by_position


async def test_what_was_copied_is_not_copied_again(postgres_url: str, nats_url: str) -> None:
    """Another orchestrator, or the same one after a restart, goes on where the last one was."""
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()

        async def is_whole() -> bool:
            return len(await mirrored(studio)) == len(await logged(studio))

        await eventually(is_whole)
        before = len(await mirrored(studio))
        await studio.bus.jetstream.purge_stream(subjects.EVENTS)
        await Mirror(studio.pool, studio.bus).follow()

        assert 0 < before
        assert 0 == (await studio.bus.jetstream.stream_info(subjects.EVENTS)).state.messages

"""Questions that are answered in words, and the history that a page begins with."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Literal
from uuid import UUID, uuid4

import pytest

from schemas import subjects
from schemas.commands import Ask, ImportImage, RepeatJob, SessionRef, Target
from schemas.queries import AskHistory, History
from schemas.replies import Entry
from tests.builders import MEDIA, uuid
from tests.integration.orchestrator.studio import Studio, open_studio, secrets, speaker
from tests.servers import eventually


@pytest.fixture
async def studio(postgres_url: str, nats_url: str) -> AsyncGenerator[Studio]:
    async with open_studio(postgres_url, nats_url) as opened:
        await opened.open_shop()
        yield opened


async def asked(studio: Studio, ref: SessionRef, topic: Literal["help", "queue", "privacy", "tree"]) -> Entry:
    """The answer to a question."""
    entry_id = uuid4()
    await studio.say(ref, Ask(session=ref, entry_id=entry_id, topic=topic, private=secrets(entry_id)))
    return await studio.entry(entry_id, "answered")


async def parked(studio: Studio) -> list[str]:
    """Why messages were put aside."""
    count = (await studio.bus.jetstream.stream_info(subjects.PARKED)).state.messages
    found = [await studio.bus.jetstream.get_msg(subjects.PARKED, number + 1) for number in range(count)]
    return [(message.headers or {})["Darkroom-Reason"] for message in found]


async def test_help_names_every_command(studio: Studio) -> None:
    """With what it makes, its title, and what it takes: words, pictures, parameters."""
    entry = await asked(studio, speaker(), "help")

    first = "/f\timage\tFLUX schnell\twords\t0\t0\tseed count height_px steps width_px"
    second = "/qwen\tedit\tQwen edit\twords\t1\t3\tseed steps negative"
    assert {"commands": f"{first}\n{second}"} == entry.details


async def test_privacy_is_of_the_channel(studio: Studio) -> None:
    """What Telegram sees, the web doesn't; and each position of which nothing was ever heard is told."""
    never = "tunnel\t\t\t\t\t\nrenderer\t\t\t\t\t"
    assert {"channel": "telegram", "egress": never} == (await asked(studio, speaker(), "privacy")).details


async def test_the_queue_shows_ones_own_jobs_only(studio: Studio) -> None:
    """Of the others only how many there are: two are with the backend, the rest wait in turn."""
    me, others = speaker(1), speaker(2)
    jobs = [await studio.ask_picture(others) for _ in range(3)]
    jobs.append(await studio.ask_picture(me))
    for job_id in jobs:
        await eventually(lambda job_id=job_id: _is_there(studio, job_id))

    entry = await asked(studio, me, "queue")
    assert {"jobs": "/f\tqueued\t1\t0", "total": "4"} == entry.details
    assert ("queue-empty", "4") == (
        (nothing := await asked(studio, speaker(3), "queue")).code,
        nothing.details["total"],
    )


async def _is_there(studio: Studio, job_id: UUID) -> bool:
    return await studio.fetchval("SELECT true FROM projection.job WHERE id = $1", str(job_id)) or False


async def test_the_tree_is_of_ones_own_pictures(studio: Studio) -> None:
    """Another session's is empty."""
    me = speaker(1)
    job_id = await studio.ask_picture(me)
    await studio.succeed(await studio.attempt())
    await studio.entry(job_id, "done")

    assert (await asked(studio, me, "tree")).details["tree"].startswith("1. /f · seed ")
    assert {"tree": ""} == (await asked(studio, speaker(2), "tree")).details


async def test_who_is_forgotten_takes_nobody_with_them(studio: Studio) -> None:
    """In a group the others' history stays; what the forgotten one asked is neither shown nor repeated."""
    mine, theirs = speaker(1), speaker(1, person=9)
    kept, lost = await studio.ask_picture(mine), await studio.ask_picture(theirs)
    await studio.entry(kept, "preparing")
    await studio.entry(lost, "preparing")
    await studio.fetchval("DELETE FROM person_key WHERE person_id = $1 RETURNING 1", theirs.person_id)

    history: History = await studio.ask("channel", AskHistory(session_id=mine.session_id))
    assert [kept] == [entry.entry_id for entry in history.entries]
    again = uuid(700)
    command = RepeatJob(
        session=mine, job_id=again, target=Target(job_id=lost), vary=False, private=secrets(again)
    )
    await studio.say(mine, command)
    assert "nothing-to-repeat" == (await studio.entry(again, "answered")).code


async def test_a_history_is_the_newest_in_the_order_of_asking(studio: Studio) -> None:
    """Jobs and answers together, and no more than were asked for."""
    me = speaker()
    await asked(studio, me, "privacy")
    job_id = await studio.ask_picture(me)
    await studio.entry(job_id, "preparing")
    last = await asked(studio, me, "help")

    history: History = await studio.ask("channel", AskHistory(session_id=me.session_id, limit=2))
    assert [job_id, last.entry_id] == [entry.entry_id for entry in history.entries]


async def test_a_picture_without_its_key_is_put_aside(studio: Studio) -> None:
    """Nobody could ever open it. That is no reason to fall."""
    me = speaker()
    await studio.ask_picture(me, command="qwen", uploads=(MEDIA,))
    entry_id = uuid(701)
    await studio.say(me, ImportImage(session=me, entry_id=entry_id, upload=MEDIA, private=secrets(entry_id)))

    assert "privacy" == (await asked(studio, me, "privacy")).code
    assert ["key-missing", "key-missing"] == await parked(studio)

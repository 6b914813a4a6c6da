"""What somebody waits for goes straight away, once, and goes all the same when that fails."""

from __future__ import annotations

import pytest
from nats.aio.msg import Msg

from schemas import codec
from services.orchestrator import express as module
from tests.integration.orchestrator.studio import Studio, open_studio, speaker
from tests.servers import eventually


async def _relay_is_through(studio: Studio) -> None:
    async def caught_up() -> bool:
        return await studio.fetchval(
            "SELECT (SELECT position FROM checkpoint WHERE reader = 'relay') "
            "= (SELECT max(position) FROM event_log)"
        )

    await eventually(caught_up)


async def test_orders_and_outcomes_are_sent_once(postgres_url: str, nats_url: str) -> None:
    """The relay, which finds them in the log a moment later, passes over what went already."""
    sent: list[str] = []

    async def hear(message: Msg) -> None:
        if message.subject.startswith("reply."):
            sent.append(codec.decode_reply(message.data).body.status)
        else:
            sent.append("ordered")

    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        for subject in ("reply.>", "render.>"):
            await studio.bus.subscribe(subject, hear)
        job_id = await studio.ask_picture(speaker())
        await studio.succeed(await studio.attempt())
        await studio.entry(job_id, "done")
        await _relay_is_through(studio)
        await studio.outcome_shown(job_id, speaker())
        await _relay_is_through(studio)

    assert (1, 1) == (sent.count("ordered"), sent.count("done"))


async def test_what_does_not_go_straight_away_goes_with_the_relay(
    postgres_url: str, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While too much is on its way already, or NATS was gone for a moment: nothing waits for ever."""
    monkeypatch.setattr(module, "_MOST_ON_THE_WAY", 0)
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        job_id = await studio.ask_picture(speaker())
        await studio.succeed(await studio.attempt())

        await studio.entry(job_id, "done")

"""Wherever a renderer dies and whichever call breaks, an attempt is rendered once and told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.dispatch import RenderAttempt
from schemas.facts import RenderSucceeded
from services.renderer import submission
from services.renderer.attempt import Attempt
from services.renderer.service import new_session
from tests.integration.renderer.bench import Bench, bench, png
from tests.integration.renderer.mortality import Breaker, Life, Moment
from tests.servers import NatsServer

FAR = 2000
"""Past the last pause of any attempt."""


async def written(studio: Bench, number: int) -> RenderAttempt:
    """An edit of a picture that was not there before, so that every step is taken."""
    return await studio.written("qwen", inputs=(png(f"#{number:06x}"),))


async def assert_rendered_once(studio: Bench, order: RenderAttempt, when: str) -> None:
    """The GPU worked once for it, one outcome was told, and nothing of it is left in the queue."""
    outcome = await studio.outcome(order)
    assert isinstance(outcome, RenderSucceeded), f"{when}: {outcome}"
    assert 1 == studio.sim.runs.started[str(order.prompt_id)], when
    queue = await studio.comfyui("/queue")
    assert {"queue_running": [], "queue_pending": []} == queue, when


@pytest.mark.parametrize("shard", range(3))
async def test_killed_at_every_pause(nats: NatsServer, tmp_path: Path, shard: int) -> None:
    """Each await may be the last thing a process does; the next one that gets the order finishes it."""
    async with bench(nats, tmp_path, started=False, step_s=0.001) as studio, new_session() as session:
        for last in range(1 + shard, FAR, 3):
            order = await written(studio, last)
            if await Life(last).live(Attempt(studio.elsewhere(session).studio, order).run()):
                break
            await Attempt(studio.elsewhere(session).studio, order).run()
            await assert_rendered_once(studio, order, f"killed at pause {last}")
        await assert_rendered_once(studio, order, "not killed")
        assert 30 < last < FAR - 3


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_every_call_breaks(
    nats: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: Moment
) -> None:
    """A call that never arrived, and one whose answer got lost: both are made good, nothing is done twice."""
    monkeypatch.setattr(submission, "_SETTLING_S", (0.0, 0.05, 0.05))
    async with bench(nats, tmp_path, started=False, step_s=0.001) as studio, new_session() as session:
        for nth in range(1, FAR):
            breaker = Breaker(nth, moment)
            order = await written(studio, nth)
            await Attempt(studio.beyond(breaker, session), order).run()
            await assert_rendered_once(studio, order, f"call {nth} broke {moment} it took effect")
            if len(breaker.routes) < nth:
                break
        assert 6 < nth < FAR - 1

"""A backend on which nothing moves, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import ClientSession

from schemas.facts import RenderFailed, RenderSucceeded
from services.renderer import rendering, wanted
from services.renderer.watch import Limits
from tests.contract.comfyui.graphs import flux
from tests.integration.renderer.bench import Bench, bench
from tests.servers import NatsServer, eventually


async def failure(studio: Bench) -> tuple[str, bool]:
    """How the next attempt fails."""
    fact = await studio.outcome(await studio.order())
    await studio.settled()
    assert isinstance(fact, RenderFailed)
    return fact.code, fact.retryable


async def is_queued(studio: Bench, prompt_id: str) -> bool:
    """Whether ComfyUI has it waiting."""
    return prompt_id in [item[1] for item in (await studio.comfyui("/queue"))["queue_pending"]]


async def submit(studio: Bench) -> None:
    """Somebody else's prompt."""
    async with ClientSession(studio.sim.url) as session:
        answer = await session.post("/prompt", json={"prompt": flux("theirs"), "client_id": "them"})
        assert 200 == answer.status


async def test_everything_answers_and_nothing_runs(nats: NatsServer, tmp_path: Path) -> None:
    """The queue waits though nothing runs: the prompt is taken back, and never runs for nobody."""
    async with bench(nats, tmp_path, limits=Limits(idle_s=0.5)) as studio:
        studio.sim.faults.wedged = True

        assert ("backend-wedged", True) == await failure(studio)
        studio.sim.faults.wedged = False
        assert [] == (await studio.comfyui("/queue"))["queue_pending"]
        assert {} == studio.sim.runs.started


async def test_steps_that_stop_coming(nats: NatsServer, tmp_path: Path) -> None:
    """Between two steps silence is short, and what does not even heed an interrupt is stuck."""
    async with bench(nats, tmp_path, limits=Limits(stall_s=0.5)) as studio:
        studio.sim.faults.hang_before_step = 3

        assert ("backend-wedged", True) == await failure(studio)
        studio.sim.faults.hang_before_step = None


async def test_what_heeds_an_interrupt_is_not_stuck(
    nats: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The render was too slow, the backend is well: it is stopped there."""
    monkeypatch.setattr(rendering, "_STOP_S", 15.0)
    async with bench(nats, tmp_path, limits=Limits(silence_s=0.4), step_s=4.0) as studio:
        assert ("render-timeout", True) == await failure(studio)
        assert {"queue_running": [], "queue_pending": []} == await studio.comfyui("/queue")


async def test_a_model_that_loads_is_waited_for(nats: NatsServer, tmp_path: Path) -> None:
    """Before the first step there may be no sign of life for much longer than between steps."""
    async with bench(nats, tmp_path, limits=Limits(stall_s=0.2, idle_s=0.2), step_s=1.0) as studio:
        assert isinstance(await studio.outcome(await studio.order()), RenderSucceeded)


async def test_a_foreign_prompt_is_waited_for(
    nats: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something runs, so a queue that does not move is not stuck."""
    monkeypatch.setattr(wanted, "_ASK_EVERY_S", 2.5)  # past the second look
    async with bench(nats, tmp_path, limits=Limits(idle_s=1.0)) as studio:
        studio.sim.faults.hang_before_step = 1
        await submit(studio)
        order = await studio.order()
        await eventually(lambda: is_queued(studio, str(order.prompt_id)))
        await studio.asked_again()
        studio.sim.faults.hang_before_step = None

        assert isinstance(await studio.outcome(order), RenderSucceeded)


async def test_a_foreign_prompt_is_not_waited_for_for_ever(nats: NatsServer, tmp_path: Path) -> None:
    """After the longest silence another backend may try; this one is busy, and its prompt is left alone."""
    async with bench(nats, tmp_path, limits=Limits(silence_s=0.6, idle_s=0.2)) as studio:
        studio.sim.faults.hang_before_step = 1
        await submit(studio)

        assert ("backend-busy", True) == await failure(studio)
        studio.sim.faults.hang_before_step = None
        assert 1 == len(studio.sim.runs.started)


async def test_our_own_long_render_is_waited_for(nats: NatsServer, tmp_path: Path) -> None:
    """The staged attempt hears nothing of the one before it, and outlasts it all the same."""
    async with bench(nats, tmp_path, limits=Limits(silence_s=1.0), step_s=0.9) as studio:
        first = await studio.order()
        await studio.running(first)
        second = await studio.order()

        assert isinstance(await studio.outcome(first), RenderSucceeded)
        assert isinstance(await studio.outcome(second), RenderSucceeded)

"""An attempt that nobody wants any more while it is on a backend."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.dispatch import CancelAttempt, RenderAttempt
from schemas.facts import RenderCancelled
from services.renderer import wanted
from services.renderer.attempt import Attempt
from services.renderer.cancellation import DoneFirstError, cancel
from services.renderer.service import new_session
from tests.integration.renderer.bench import Bench, bench
from tests.integration.renderer.ledger import ENDED
from tests.integration.renderer.mortality import Breaker
from tests.servers import NatsServer, eventually


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanted, "_ASK_EVERY_S", 0.1)


def cancellation(order: RenderAttempt) -> CancelAttempt:
    """What stops it."""
    return CancelAttempt(
        job_id=order.job_id, attempt=order.attempt, prompt_id=order.prompt_id, backend=order.backend
    )


async def is_idle(studio: Bench) -> bool:
    """Whether nothing runs or waits on the backend."""
    return {"queue_running": [], "queue_pending": []} == await studio.comfyui("/queue")


async def test_given_to_another_backend(nats: NatsServer, tmp_path: Path) -> None:
    """It is stopped where it runs, and tells nothing."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        order = await studio.order()
        await studio.running(order)
        studio.unwanted.add((order.job_id, order.attempt))

        await studio.settled()
        await eventually(lambda: is_idle(studio))
        assert {} == studio.sim.runs.rendered
        assert [] == [fact for fact in studio.facts.values() if isinstance(fact, ENDED)]


async def test_given_to_another_backend_while_out_of_reach(nats: NatsServer, tmp_path: Path) -> None:
    """The attempt ends at once, its slot is free; what still runs there is stopped when the line is back."""
    async with bench(nats, tmp_path, started=False, step_s=0.3) as studio, new_session() as session:
        line = Breaker()
        process = studio.beyond(line, session)
        studio.sim.faults.hang_before_step = 2
        order = await studio.written()
        attempt = asyncio.create_task(Attempt(process, order).run())
        await studio.hanging(order)
        line.is_away = True
        studio.unwanted.add((order.job_id, order.attempt))
        await asyncio.wait_for(attempt, 10)
        studio.sim.faults.hang_before_step = None
        line.is_away = False
        stopping = asyncio.Event()
        purging = asyncio.create_task(process.purge.run(stopping))

        await eventually(lambda: is_idle(studio))
        await eventually(studio.has_no_history)
        assert [] == [fact for fact in studio.facts.values() if isinstance(fact, ENDED)]
        stopping.set()
        await purging


async def test_left_running_by_a_process_that_died(nats: NatsServer, tmp_path: Path) -> None:
    """Whoever gets its order next finds that it is not wanted, and stops it."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        studio.sim.faults.hang_before_step = 2
        order = await studio.order()
        await studio.hanging(order)
        await studio.kill()
        studio.unwanted.add((order.job_id, order.attempt))
        await studio.start()

        await studio.settled()
        studio.sim.faults.hang_before_step = None
        await eventually(lambda: is_idle(studio))
        assert {} == studio.sim.runs.rendered


async def test_done_before_it_was_cancelled_and_nobody_hands_it_over(
    nats: NatsServer, tmp_path: Path
) -> None:
    """The cancellation waits for the attempt, but not for ever: then it is what was asked for."""
    async with bench(nats, tmp_path, started=False) as studio, new_session() as session:
        process = studio.elsewhere(session).studio
        studio.records = False
        order = await studio.written()
        await Attempt(process, order).run()
        studio.facts.clear()
        other = studio.elsewhere(session).studio
        with pytest.raises(DoneFirstError):
            await cancel(other, cancellation(order), timedelta(seconds=5))
        assert {} == studio.facts

        await cancel(other, cancellation(order), timedelta(minutes=2))
        assert isinstance(await studio.outcome(order), RenderCancelled)

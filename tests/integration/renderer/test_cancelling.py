"""Cancelling, wherever the attempt is; confirmed by looking, and never anybody else's."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from msgspec.structs import replace

from schemas import subjects
from schemas.dispatch import CancelAttempt
from schemas.facts import RenderCancelled, RenderFailed, RenderSucceeded
from services.renderer.watch import Limits
from tests.integration.renderer.bench import bench
from tests.servers import NatsServer, eventually


async def test_running(nats: NatsServer, tmp_path: Path) -> None:
    """It is interrupted, and that is the only thing told of it."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        order = await studio.order()
        await studio.running(order)
        await studio.cancel(order)

        assert isinstance(await studio.outcome(order), RenderCancelled)
        await studio.settled()
        assert isinstance(await studio.outcome(order), RenderCancelled)
        assert {} == studio.sim.runs.rendered


async def test_pending_leaves_the_running_one_alone(nats: NatsServer, tmp_path: Path) -> None:
    """The staged one goes out of the queue; what runs before it is not touched."""
    async with bench(nats, tmp_path, step_s=0.2) as studio:
        first = await studio.order()
        await studio.running(first)
        second = await studio.order()

        async def staged() -> bool:
            return bool((await studio.comfyui("/queue"))["queue_pending"])

        await eventually(staged)
        await studio.cancel(second)

        assert isinstance(await studio.outcome(second), RenderCancelled)
        assert isinstance(await studio.outcome(first), RenderSucceeded)
        await studio.settled()
        assert {str(first.prompt_id): 1} == studio.sim.runs.started


async def test_before_it_is_submitted(nats: NatsServer, tmp_path: Path) -> None:
    """The cancellation overtakes the attempt: nothing is ever submitted."""
    async with bench(nats, tmp_path, started=False) as studio:
        order = await studio.order()
        await studio.cancel(order)
        await studio.start()

        assert isinstance(await studio.outcome(order), RenderCancelled)
        await studio.settled()
        assert {} == studio.sim.runs.started


async def test_overtaken_though_the_log_still_wants_it(nats: NatsServer, tmp_path: Path) -> None:
    """In one process the cancellation is enough, whatever a late answer says."""
    async with bench(nats, tmp_path) as studio:
        order = await studio.order(backend="off")
        body = CancelAttempt(job_id=order.job_id, attempt=1, prompt_id=order.prompt_id, backend="gpu")
        await studio.bus.publish(subjects.render_cancel("gpu"), body, uuid4())
        await studio.outcome(order)
        await studio.bus.publish(subjects.render_attempt("gpu"), replace(order, backend="gpu"), uuid4())
        await studio.settled()

        assert {} == studio.sim.runs.started


async def test_while_it_is_submitted_by_another_process(nats: NatsServer, tmp_path: Path) -> None:
    """The other renderer found nothing to stop; this one asks once more after submitting, and stops it."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        studio.wanted_answers = 1
        order = await studio.order()
        await studio.settled()

        assert 1 == studio.submissions
        assert {"queue_running": [], "queue_pending": []} == await studio.comfyui("/queue")
        assert {} == studio.sim.runs.rendered
        assert await studio._find(RenderSucceeded, order) is None


async def test_twice(nats: NatsServer, tmp_path: Path) -> None:
    """The second cancellation finds nothing to stop and tells the same thing, once."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        order = await studio.order()
        await studio.running(order)
        await studio.cancel(order)
        await studio.cancel(order)
        await studio.settled()

        assert isinstance(await studio.outcome(order), RenderCancelled)


async def test_too_late(nats: NatsServer, tmp_path: Path) -> None:
    """Its picture was done first, so the picture is the outcome."""
    async with bench(nats, tmp_path) as studio:
        studio.records = False
        order = await studio.order()
        await studio.outcome(order)
        await studio.cancel(order)
        await studio.settled()

        assert isinstance(await studio.outcome(order), RenderSucceeded)


async def test_too_late_while_the_renderer_was_away(nats: NatsServer, tmp_path: Path) -> None:
    """Killed after the render, then cancelled: the cancellation finds a picture, and it is delivered."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        studio.sim.faults.hang_before_step = 2
        order = await studio.order()
        await studio.hanging(order)
        await studio.kill()
        studio.sim.faults.hang_before_step = None
        await eventually(studio.has_history)
        await studio.cancel(order)
        await studio.start()

        assert isinstance(await studio.outcome(order), RenderSucceeded)
        await studio.settled()


async def test_too_late_and_then_the_picture_is_gone(nats: NatsServer, tmp_path: Path) -> None:
    """The cancellation leaves it to the attempt, which has nothing to deliver: that has to be told."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        studio.sim.faults.hang_before_step = 2
        order = await studio.order()
        await studio.hanging(order)
        await studio.kill()
        studio.sim.faults.hang_before_step = None
        await eventually(studio.has_history)
        for file in (tmp_path / "output").rglob("*.png"):
            file.unlink()
        await studio.cancel(order)
        await studio.start()
        fact = await studio.outcome(order)

        assert isinstance(fact, RenderFailed)
        assert "no-output" == fact.code


async def test_a_node_that_does_not_listen(nats: NatsServer, tmp_path: Path) -> None:
    """Nothing is told while it still runs; once it lets go, the cancellation is confirmed."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        studio.sim.faults.hang_before_step = 2
        order = await studio.order()
        await studio.hanging(order)
        await studio.cancel(order)
        await eventually(lambda: studio.redelivered("renderer-gpu-cancel"))
        assert [] == [fact for fact in studio.facts.values() if isinstance(fact, RenderCancelled)]
        studio.sim.faults.hang_before_step = None
        assert isinstance(await studio.outcome(order), RenderCancelled)


async def test_a_backend_that_went_away(nats: NatsServer, tmp_path: Path) -> None:
    """After the time a render may take, it is told that the cancellation could not be confirmed."""
    async with bench(nats, tmp_path, limits=Limits(silence_s=0.5)) as studio:
        order = replace(await studio.order(), backend="off", attempt=2)
        await studio.cancel(order)
        fact = await studio.fact(RenderFailed, order)

        assert ("cancel-unconfirmed", False, 2) == (fact.code, fact.retryable, fact.attempt)

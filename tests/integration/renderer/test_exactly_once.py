"""Whatever breaks on the way, an attempt is rendered once and told once."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from schemas import subjects
from schemas.facts import RenderSucceeded
from tests.integration.renderer.bench import Bench, bench
from tests.servers import NatsServer, eventually


async def assert_rendered_once(studio: Bench, prompt_id: object) -> None:
    """The GPU worked once for it, and nothing is left in ComfyUI's queue or on the stream."""
    await studio.settled()
    queue = await studio.comfyui("/queue")
    assert {"queue_running": [], "queue_pending": []} == queue
    assert 1 == studio.sim.runs.started[str(prompt_id)]
    assert len(studio.sim.runs.started) == studio.submissions


@pytest.mark.parametrize("fault", ["lost_replies", "failing_replies"])
async def test_a_submission_without_a_good_answer(nats: NatsServer, tmp_path: Path, fault: str) -> None:
    """The connection breaks, or a 500 comes, though the prompt was queued: it is found, not sent again."""
    async with bench(nats, tmp_path) as studio:
        setattr(studio.sim.faults, fault, 1)
        order = await studio.order()

        assert isinstance(await studio.outcome(order), RenderSucceeded)
        await assert_rendered_once(studio, order.prompt_id)


async def test_sockets_that_drop(nats: NatsServer, tmp_path: Path) -> None:
    """Without events the end is found by looking."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        studio.sim.faults.hang_before_step = 2
        order = await studio.order()
        await studio.hanging(order)
        studio.sim.drop_sockets()
        studio.sim.faults.hang_before_step = None

        assert isinstance(await studio.outcome(order), RenderSucceeded)
        await assert_rendered_once(studio, order.prompt_id)


async def test_sockets_that_never_speak(nats: NatsServer, tmp_path: Path) -> None:
    """A deaf socket delays the end, but does not lose it."""
    async with bench(nats, tmp_path) as studio:
        studio.sim.faults.silent = True
        order = await studio.order()

        assert isinstance(await studio.outcome(order), RenderSucceeded)
        await assert_rendered_once(studio, order.prompt_id)


async def test_a_renderer_killed_while_it_renders(nats: NatsServer, tmp_path: Path) -> None:
    """The next renderer finds the prompt in the queue and follows it."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        studio.sim.faults.hang_before_step = 2
        order = await studio.order()
        await studio.hanging(order)
        await studio.kill()
        await studio.start()
        studio.sim.faults.hang_before_step = None

        assert isinstance(await studio.outcome(order), RenderSucceeded)
        await assert_rendered_once(studio, order.prompt_id)


async def test_a_renderer_killed_before_it_looks_at_the_end(nats: NatsServer, tmp_path: Path) -> None:
    """The prompt has ended meanwhile: the next renderer finds its picture in the history."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        studio.sim.faults.hang_before_step = 2
        order = await studio.order()
        await studio.hanging(order)
        await studio.kill()
        studio.sim.faults.hang_before_step = None
        await eventually(studio.has_history)
        await studio.start()

        assert isinstance(await studio.outcome(order), RenderSucceeded)
        await assert_rendered_once(studio, order.prompt_id)


async def test_an_order_that_comes_again_before_its_success_is_recorded(
    nats: NatsServer, tmp_path: Path
) -> None:
    """The log does not know the success yet, but the history still does: it is told again, as the same."""
    async with bench(nats, tmp_path) as studio:
        studio.records = False
        order = await studio.order()
        await studio.outcome(order)
        await studio.settled()
        await studio.bus.publish(subjects.render_attempt("gpu"), order, uuid4())

        await assert_rendered_once(studio, order.prompt_id)
        assert isinstance(await studio.outcome(order), RenderSucceeded)


async def test_an_order_that_comes_again_after_the_purge(nats: NatsServer, tmp_path: Path) -> None:
    """ComfyUI has forgotten it, so only the log can tell that nothing is to be done; and it does."""
    async with bench(nats, tmp_path) as studio:
        order = await studio.order()
        await studio.outcome(order)
        await eventually(studio.has_no_history)
        await studio.kill()
        await studio.start()
        await studio.bus.publish(subjects.render_attempt("gpu"), order, uuid4())

        await assert_rendered_once(studio, order.prompt_id)


async def test_one_order_delivered_twice_at_once(nats: NatsServer, tmp_path: Path) -> None:
    """Two workers get the same order: the second waits for the first and finds nothing to do."""
    async with bench(nats, tmp_path, started=False) as studio:
        order = await studio.order()
        await studio.bus.publish(subjects.render_attempt("gpu"), order, uuid4())
        await studio.start()

        assert isinstance(await studio.outcome(order), RenderSucceeded)
        await assert_rendered_once(studio, order.prompt_id)


async def test_two_orders_share_a_backend(nats: NatsServer, tmp_path: Path) -> None:
    """While one runs the next is staged in the backend's own queue, so that the GPU never waits."""
    async with bench(nats, tmp_path, step_s=0.2) as studio:
        first = await studio.order()
        await studio.running(first)
        second = await studio.order()

        async def staged() -> bool:
            queue = await studio.comfyui("/queue")
            return [str(second.prompt_id)] == [item[1] for item in queue["queue_pending"]]

        await eventually(staged)
        for order in (first, second):
            assert isinstance(await studio.outcome(order), RenderSucceeded)
            await assert_rendered_once(studio, order.prompt_id)

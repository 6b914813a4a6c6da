"""Each way an attempt can fail has a code of its own, and says nothing it should not."""

from __future__ import annotations

from pathlib import Path

from aiohttp import ClientSession

from schemas.facts import RenderFailed, RenderSucceeded
from schemas.params import RenderParams
from services.renderer.watch import Limits
from tests.integration.renderer.bench import Bench, bench, png
from tests.servers import NatsServer, eventually


async def failed(studio: Bench, **order: object) -> RenderFailed:
    """How an order fails; its message is gone then."""
    fact = await studio.outcome(await studio.order(**order))  # pyright: ignore[reportArgumentType]
    await studio.settled()
    assert isinstance(fact, RenderFailed)
    return fact


async def test_a_backend_that_is_off(nats: NatsServer, tmp_path: Path) -> None:
    """After a little patience the attempt fails, and another may succeed."""
    async with bench(nats, tmp_path) as studio:
        fact = await failed(studio, backend="off")

        assert ("backend-unreachable", True) == (fact.code, fact.retryable)
        assert {"backend": "off", "reason": "backend-refused"} == fact.details


async def test_a_missing_model_is_named(nats: NatsServer, tmp_path: Path) -> None:
    """The file and its folder are named, so that its owner knows what to put where."""
    async with bench(nats, tmp_path, without=("ae.safetensors",)) as studio:
        fact = await failed(studio)

        assert "missing-model" == fact.code
        assert {"backend": "gpu", "model": "ae.safetensors", "folder": "vae"} == fact.details
        assert {} == studio.sim.runs.started


async def test_a_picture_that_is_too_large_for_it(nats: NatsServer, tmp_path: Path) -> None:
    """How much a ComfyUI takes is a setting of its own: another backend may take it."""
    async with bench(nats, tmp_path, max_body_bytes=200) as studio:
        fact = await failed(studio, command="qwen", inputs=(png("teal"),))

        assert ("input-too-large", True) == (fact.code, fact.retryable)
        assert {} == studio.sim.runs.started


async def test_a_picture_that_is_none(nats: NatsServer, tmp_path: Path) -> None:
    """Bytes that are no picture never reach the backend."""
    async with bench(nats, tmp_path) as studio:
        fact = await failed(studio, command="qwen", inputs=(b"<html>not a picture</html>",))

        assert ("bad-input-image", False) == (fact.code, fact.retryable)
        assert [] == list((tmp_path / "input").iterdir())


async def test_a_picture_that_does_not_decode(nats: NatsServer, tmp_path: Path) -> None:
    """A well-formed file whose pixels can't be read fails on the backend, as the same failure."""
    hollow = bytearray(png())
    at = hollow.index(b"IDAT") + 4
    size = int.from_bytes(hollow[at - 8 : at - 4], "big")
    hollow[at : at + size] = bytes(size)
    async with bench(nats, tmp_path) as studio:
        fact = await failed(studio, command="qwen", inputs=(_sealed_anew(hollow, at, size),))

        assert ("bad-input-image", False) == (fact.code, fact.retryable)
        assert 1 == len(studio.sim.runs.started)


def _sealed_anew(data: bytearray, at: int, size: int) -> bytes:
    """The chunk at *at* with the checksum of what it holds now."""
    import zlib

    data[at + size : at + size + 4] = zlib.crc32(data[at - 4 : at + size]).to_bytes(4, "big")
    return bytes(data)


async def test_a_gpu_that_is_full(nats: NatsServer, tmp_path: Path) -> None:
    """Out of memory is known by its type; nothing of ComfyUI's dump gets through."""
    async with bench(nats, tmp_path) as studio:
        studio.sim.faults.out_of_memory_runs = 1
        fact = await failed(studio)

        assert ("out-of-memory", True, {"backend": "gpu"}) == (fact.code, fact.retryable, fact.details)


async def test_someone_stops_it_on_the_machine(nats: NatsServer, tmp_path: Path) -> None:
    """An interrupt that nobody asked us for is a failure, not a cancellation."""
    async with bench(nats, tmp_path, step_s=0.2) as studio:
        order = await studio.order()
        await studio.running(order)
        async with ClientSession(studio.sim.url) as session:
            await session.post("/interrupt")
        fact = await studio.outcome(order)

        assert isinstance(fact, RenderFailed)
        assert ("interrupted-elsewhere", True) == (fact.code, fact.retryable)


async def test_comfyui_restarts_while_it_renders(nats: NatsServer, tmp_path: Path) -> None:
    """Queue and history are empty afterwards: looked for more than once, then given up as lost."""
    async with bench(nats, tmp_path, step_s=0.2) as studio:
        order = await studio.order()
        await studio.running(order)
        await studio.sim.restart()
        fact = await studio.outcome(order)

        assert isinstance(fact, RenderFailed)
        assert ("backend-lost-job", True) == (fact.code, fact.retryable)


async def test_a_render_without_a_sign_of_life(nats: NatsServer, tmp_path: Path) -> None:
    """A node that hangs and can't even be stopped has the whole backend stuck, not this prompt only."""
    async with bench(nats, tmp_path, limits=Limits(silence_s=1.0)) as studio:
        studio.sim.faults.hang_before_step = 2
        fact = await studio.outcome(await studio.order())

        assert isinstance(fact, RenderFailed)
        assert ("backend-wedged", True) == (fact.code, fact.retryable)
        studio.sim.faults.hang_before_step = None


async def test_parameters_out_of_bounds(nats: NatsServer, tmp_path: Path) -> None:
    """They should have been refused long before; the backend is not asked."""
    async with bench(nats, tmp_path) as studio:
        fact = await failed(studio, params=RenderParams(seed=7, width_px=4000))

        assert ("bad-parameters", False) == (fact.code, fact.retryable)


async def test_our_own_tunnel_is_away(nats: NatsServer, tmp_path: Path) -> None:
    """That is no fault of the attempt: nothing is told, and the order waits for the tunnel."""
    async with bench(nats, tmp_path, started=False) as studio:
        there = studio.settings
        studio.settings = there | {"tunnel_url": "http://127.0.0.1:1"}
        await studio.start()
        order = await studio.order()
        await eventually(lambda: studio.redelivered("renderer-gpu"))
        assert [] == [fact for fact in studio.facts.values() if isinstance(fact, RenderFailed)]
        await studio.kill()
        studio.settings = there
        await studio.start()
        assert isinstance(await studio.outcome(order), RenderSucceeded)

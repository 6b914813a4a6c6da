"""After delivery nothing is left on a backend's machine, where the tunnel's host role is beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.facts import HostPurged, RenderCancelled, RenderSucceeded
from services.common.bus import BusDownError
from services.renderer.attempt import Attempt
from services.renderer.service import new_session
from tests.integration.renderer.bench import Bench, bench, png
from tests.integration.renderer.mortality import Breaker
from tests.servers import NatsServer, eventually


def left(folder: Path) -> list[str]:
    """Files in ComfyUI's folders."""
    return sorted(
        path.relative_to(folder).as_posix()
        for name in ("input", "output", "temp")
        for path in (folder / name).rglob("*")
        if path.is_file()
    )


async def purged(studio: Bench) -> HostPurged:
    """The fact, as soon as it is told."""

    async def told() -> list[HostPurged]:
        return [fact for fact in studio.facts.values() if isinstance(fact, HostPurged)]

    return (await eventually(told))[0]


@pytest.mark.parametrize(("command", "pictures", "files"), [("f", 0, 1), ("qwen", 1, 1), ("wan", 0, 1)])
async def test_nothing_is_left(
    nats: NatsServer, tmp_path: Path, command: str, pictures: int, files: int
) -> None:
    """Once the outcome is recorded: no output, no input, no history; and that is told."""
    async with bench(nats, tmp_path, hosted=True) as studio:
        order = await studio.order(command, inputs=(png(),) * pictures)
        success = await studio.outcome(order)
        assert isinstance(success, RenderSucceeded)
        assert [] != left(tmp_path)
        studio.unwanted.add((order.job_id, order.attempt))
        fact = await purged(studio)

        assert (order.job_id, 1, "gpu") == (fact.job_id, fact.attempt, fact.backend)
        assert (files, pictures, True) == (fact.files, fact.inputs, fact.history)
        assert [] == left(tmp_path)
        assert await studio.has_no_history()


async def test_nothing_is_left_of_what_was_cancelled(nats: NatsServer, tmp_path: Path) -> None:
    """A job that was stopped leaves nothing either."""
    async with bench(nats, tmp_path, hosted=True, step_s=0.5) as studio:
        order = await studio.order("qwen", inputs=(png(),))
        await studio.running(order)
        await studio.cancel(order)
        assert isinstance(await studio.outcome(order), RenderCancelled)
        await purged(studio)

        assert [] == left(tmp_path)
        assert await studio.has_no_history()


async def test_a_backend_without_a_host(nats: NatsServer, tmp_path: Path) -> None:
    """A plain ComfyUI is asked once whether it can: its history goes, its files stay, nothing is told."""
    async with bench(nats, tmp_path, started=False) as studio, new_session() as session:
        line = Breaker()
        process = studio.beyond(line, session)
        for _ in range(2):
            order = await studio.written()
            await Attempt(process, order).run()
            studio.unwanted.add((order.job_id, order.attempt))
            assert isinstance(await studio.outcome(order), RenderSucceeded)
            await process.purge.purge()

        assert await studio.has_no_history()
        assert 2 == len(left(tmp_path))
        assert [] == [fact for fact in studio.facts.values() if isinstance(fact, HostPurged)]


async def test_a_picture_that_was_purged_is_sent_again(nats: NatsServer, tmp_path: Path) -> None:
    """The renderer knows that what was purged is not there any more: the next edit sends it anew."""
    async with bench(nats, tmp_path, hosted=True, started=False) as studio, new_session() as session:
        process = studio.elsewhere(session).studio
        for _ in range(2):
            order = await studio.written("qwen", inputs=(png(),))
            await Attempt(process, order).run()
            assert isinstance(await studio.outcome(order), RenderSucceeded)
            assert 1 == studio.sim.runs.rendered[str(order.prompt_id)]
            studio.unwanted.add((order.job_id, order.attempt))
            await process.purge.purge()
            assert [] == left(tmp_path)


async def test_a_purge_that_is_not_told_is_told_later(nats: NatsServer, tmp_path: Path) -> None:
    """What was deleted is counted once, also when NATS was away just then."""
    async with bench(nats, tmp_path, hosted=True, started=False) as studio, new_session() as session:
        process = studio.elsewhere(session).studio
        order = await studio.written()
        await Attempt(process, order).run()
        await studio.outcome(order)
        studio.unwanted.add((order.job_id, order.attempt))
        process.purge._facts = _Mute(process.facts)
        await process.purge.purge()
        assert [] == left(tmp_path)
        process.purge._facts = process.facts

        async def told() -> bool:
            await process.purge.purge()
            return any(isinstance(fact, HostPurged) for fact in studio.facts.values())

        await eventually(told)
        assert (1, True) == ((await purged(studio)).files, (await purged(studio)).history)


class _Mute:
    """Facts that can't be told, though questions are answered."""

    def __init__(self, facts: object) -> None:
        self._facts = facts

    def __getattr__(self, name: str) -> object:
        if name == "purged":
            return self._refuse
        return getattr(self._facts, name)

    async def _refuse(self, *_: object) -> None:
        raise BusDownError

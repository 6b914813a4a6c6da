"""What Darkroom adds to a job, compared with a bare client on the same backend, in pairs."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from uuid import UUID

from msgspec import Struct

from services.cli.bench.bare_client import BareClient, Prompt, connected, with_values
from services.cli.bench.cpu import Cpu
from services.cli.bench.observer import STAGES, Moments, Observer, moments, observing
from services.cli.bench.person import Person, person
from services.cli.bench.sample import Difference, Summary, difference, in_any_order, median, summary
from services.cli.bench.undisturbed import undisturbed
from services.devstack.run_record import RunRecord

TARGET_MS = 15.0

_DARKROOM = "darkroom"
_MAX_SEED = 2**31
_TIMEOUT_S = 120.0
_FOUND_S = 60.0
_WARM_UP = 3
_SETTLING_S = (0.6, 0.8)
"""
After every measurement: by then what follows a job is over. The history is purged and the log mirrored every
half second, so it falls on nobody; and a random part, so that what comes at intervals falls on all alike.
"""
_CALM_S = 0.1
"""After what this process does itself between two measurements."""


class Stage(Struct, frozen=True, kw_only=True):
    """A part of a job's way through Darkroom."""

    name: str
    took: Summary


class Overhead(Struct, frozen=True, kw_only=True):
    """
    What was measured.

    Attributes:
        pairs: How many rounds; in each both were measured once, and the bare client twice.
        text: What was asked for.
        bare: ``POST /prompt`` to the last byte of the picture, by the bare client.
        job: The same by Darkroom: command handed in to outcome shown. The picture is in the store by then.
        page: What a person at the page waits: ``POST /say`` to the last byte of the picture.
        added: How much longer *job* took than *bare*.
        added_page: How much longer *page* took.
        noise: How much longer the bare client took than itself: what is smaller can't be told apart.
        stages: Where *page* went.
        cpu_ms: By program, what a job through Darkroom takes of a processor.
        bare_bytes: Size of the bare client's pictures, the median.
        target_ms: What *added* is to stay under.
    """

    pairs: int
    text: str
    bare: Summary
    job: Summary
    page: Summary
    added: Difference
    added_page: Difference
    noise: Difference
    stages: tuple[Stage, ...]
    cpu_ms: dict[str, float]
    bare_bytes: int
    target_ms: float = TARGET_MS


class Bench:
    """
    Both clients on one backend.

    Args:
        bare: Connected to the backend.
        visitor: Connected to Darkroom.
        observer: Of the same Darkroom.
        text: What to ask for, without a seed.
        rng: For the order and the seeds.
    """

    def __init__(
        self, bare: BareClient, visitor: Person, observer: Observer, text: str, rng: random.Random
    ) -> None:
        self._bare = bare
        self._visitor = visitor
        self._observer = observer
        self._text = text
        self._rng = rng
        self._prompt = Prompt(graph={}, extra={})
        self._prompt_seed = 0

    async def prepare(self) -> None:
        """Learn the prompt that Darkroom makes of the text, and run both clients warm."""
        self._prompt_seed = self._seed()
        looking = asyncio.create_task(self._bare.prompt_holding(self._prompt_seed, _FOUND_S))
        try:
            await self._through_darkroom(self._prompt_seed)
            self._prompt = await looking
        finally:
            looking.cancel()
        for _ in range(_WARM_UP):
            await self.by_itself()
            await self.through_darkroom()
            await self.settle()

    async def by_itself(self) -> tuple[float, int]:
        """Seconds and bytes of the bare client."""
        seed = self._seed()
        prompt = with_values(self._prompt, self._prompt_seed, seed, f"bare-{seed}")
        done = await self._bare.render(prompt)
        return done.seconds, done.size_bytes

    async def through_darkroom(self) -> Moments:
        """The same through Darkroom."""
        return await self._through_darkroom(self._seed())

    async def settle(self) -> None:
        """Wait until the last measurement is no concern of the next."""
        await asyncio.sleep(self._rng.uniform(*_SETTLING_S))

    async def _through_darkroom(self, seed: int) -> Moments:
        self._observer.seen.clear()
        self._bare.lengths.clear()
        said_s = time.perf_counter()
        entry_id = await self._visitor.say(f"{self._text} --seed {seed}")
        shown = await self._visitor.picture(entry_id, _TIMEOUT_S)
        await self._visitor.fetch(shown)
        fetched_s = time.perf_counter()
        return moments(
            UUID(entry_id),
            self._observer.seen,
            self._bare.lengths,
            said_s=said_s,
            shown_s=shown.at_s,
            fetched_s=fetched_s,
        )

    def _seed(self) -> int:
        return self._rng.randrange(1, _MAX_SEED)


async def measure(
    record: RunRecord, text: str, pairs: int, rng: random.Random, on_progress: Callable[[str], None]
) -> Overhead:
    """
    Measure on a stack that runs and does nothing else.

    Args:
        record: The stack; its first backend is used.
        text: What to ask for, without a seed.
        pairs: How many rounds.
        rng: For the order, the seeds and the bootstrap.
        on_progress: Told how far it is.

    Raises:
        RejectedError: Darkroom or the backend refused, or rendered nothing.
        UnavailableError: One of them does not answer.
    """
    backend_url = next(iter(record.backends.values()))
    async with (
        connected(backend_url) as bare,
        person(record.url) as visitor,
        observing(record.nats_url) as observer,
    ):
        bench = Bench(bare, visitor, observer, text, rng)
        on_progress("warming up")
        await bench.prepare()
        cpu = Cpu(record.processes)
        alone: dict[str, list[float]] = {"bare": [], "bare again": []}
        sizes: list[float] = []
        through: list[Moments] = []
        with undisturbed() as collect:
            for number, kind in enumerate(in_any_order(("bare", "bare again", _DARKROOM), pairs, rng)):
                # What takes this process time it does now, before each alike, and not during a measurement.
                on_progress(f"pair {number // 3 + 1} of {pairs}")
                collect()
                cpu.look(kind)
                await asyncio.sleep(_CALM_S)
                if kind == _DARKROOM:
                    through.append(await bench.through_darkroom())
                else:
                    seconds, size_bytes = await bench.by_itself()
                    alone[kind].append(seconds)
                    sizes.append(size_bytes)
                await bench.settle()
            cpu.look()
    jobs = [one.job_s for one in through]
    pages = [one.page_s for one in through]
    by_stage = zip(*(one.stages() for one in through), strict=True)
    return Overhead(
        pairs=pairs,
        text=text,
        bare=summary([*alone["bare"], *alone["bare again"]]),
        job=summary(jobs),
        page=summary(pages),
        added=difference(alone["bare"], jobs, choose=rng.choice),
        added_page=difference(alone["bare"], pages, choose=rng.choice),
        noise=difference(alone["bare"], alone["bare again"], choose=rng.choice),
        stages=tuple(
            Stage(name=name, took=summary(seconds)) for name, seconds in zip(STAGES, by_stage, strict=True)
        ),
        cpu_ms=cpu.each_time_ms(_DARKROOM),
        bare_bytes=int(median(sizes)),
    )

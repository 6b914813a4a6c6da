"""How much of the time a GPU far away does nothing, with and without a job staged at it."""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from io import BytesIO
from pathlib import Path

import aiohttp
import msgspec
from msgspec import Struct
from PIL import Image

from services.cli.bench.intervals import Idleness, Span, idleness
from services.cli.bench.latency_proxy import far_away
from services.cli.bench.own_stack import own_stack
from services.cli.bench.person import Person, person
from services.cli.bench.sample import median
from services.devstack import readiness
from services.devstack.environment import for_program
from services.devstack.ports import HOST, free_port
from services.devstack.program import Program
from services.devstack.report import Report
from services.devstack.supervisor import supervising

TARGET_STAGED = 0.02
TARGET_UNSTAGED = 0.15
"""Less than this without a staged job, and what was measured is not what staging is for."""

PEOPLE = 3
_STEPS = 4
_SIDE_PX = 512
_PAINTING_S = 0.05
"""What the simulator takes besides its steps, about: it paints a picture and writes it."""
_TIMEOUT_S = 600.0


class Setting(Struct, frozen=True, kw_only=True):
    """
    What is simulated.

    Attributes:
        round_trip_s: Between the tunnel and the GPU.
        render_s: How long a render takes.
        jobs: How many are in line at once.
        rounds: How often it is measured each way, in turn.
    """

    round_trip_s: float
    render_s: float
    jobs: int
    rounds: int


class Idle(Struct, frozen=True, kw_only=True):
    """
    What was measured.

    Attributes:
        setting: What was simulated.
        render_s: How long a render really took, the median.
        staged: Each time with a staged job.
        unstaged: Each time without.
        target_share: What the idle share is to stay under with a staged job.
    """

    setting: Setting
    render_s: float
    staged: tuple[Idleness, ...]
    unstaged: tuple[Idleness, ...]
    target_share: float = TARGET_STAGED

    @property
    def staged_share(self) -> float:
        """The greatest share with a staged job."""
        return max(one.share for one in self.staged)

    @property
    def unstaged_share(self) -> float:
        """The least share without one."""
        return min(one.share for one in self.unstaged)


async def measure(
    setting: Setting,
    environ: Mapping[str, str],
    report: Callable[[Report], None],
    rng: random.Random,
    on_progress: Callable[[str], None],
) -> Idle:
    """
    Measure on a stack of its own each time, with and without staging in turn.

    Raises:
        ConfigError, ProgramFailedError: A stack does not start.
        RejectedError: A job ended without a picture.
        UnavailableError: Something does not answer.
    """
    found: dict[bool, list[Idleness]] = {True: [], False: []}
    spans: list[Span] = []
    for turn in range(setting.rounds):
        for staged in (True, False):
            words = f"{'with' if staged else 'without'} a staged job, {turn + 1} of {setting.rounds}"
            on_progress(f"{words}: {setting.jobs} renders of {setting.render_s:g} s")
            once = await _once(setting, environ, report, rng, staged=staged)
            found[staged].append(idleness(once))
            spans += once
    return Idle(
        setting=setting,
        render_s=round(median([span.ended_s - span.began_s for span in spans]), 3),
        staged=tuple(found[True]),
        unstaged=tuple(found[False]),
    )


async def _once(
    setting: Setting,
    environ: Mapping[str, str],
    report: Callable[[Report], None],
    rng: random.Random,
    *,
    staged: bool,
) -> list[Span]:
    step_s = max(setting.render_s - _PAINTING_S, 0) / _STEPS
    settings = {"DARKROOM_STAGED_JOBS": "1" if staged else "0", "DARKROOM_MAX_OPEN_JOBS": str(setting.jobs)}
    async with (
        _simulator(environ, report, step_s=step_s) as port,
        far_away(port, round_trip_s=setting.round_trip_s) as far_port,
        own_stack(
            environ, report, backends={"far": f"http://{HOST}:{far_port}"}, settings=settings
        ) as record,
        AsyncExitStack() as visits,
    ):
        people = [await visits.enter_async_context(person(record.url)) for _ in range(PEOPLE)]
        await asyncio.gather(*(_warm_up(one) for one in people))
        before = len(await _spans(port))
        shares = [range(first, setting.jobs, PEOPLE) for first in range(PEOPLE)]
        await asyncio.gather(*(_ask(*pair, rng) for pair in zip(people, shares, strict=True)))
        return (await _spans(port))[before:]


async def _warm_up(one: Person) -> None:
    """The first job of all opens every connection; that is not what is measured."""
    await one.picture(await one.say(f"/f warming up --size {_SIDE_PX}x{_SIDE_PX} --steps 1"), _TIMEOUT_S)


async def _ask(one: Person, numbers: Iterable[int], rng: random.Random) -> None:
    """Ask for everything, one after the other, and then wait for it."""
    entries = [await _say(one, number, rng) for number in numbers]
    await asyncio.gather(*(one.picture(entry_id, _TIMEOUT_S) for entry_id in entries))


async def _say(one: Person, number: int, rng: random.Random) -> str:
    """Every other job of a person is an edit of a picture that nobody uploaded before."""
    if number // PEOPLE % 2 == 0:
        return await one.say(f"/f number {number} --size {_SIDE_PX}x{_SIDE_PX} --steps {_STEPS}")
    noise = Image.frombytes("RGB", (_SIDE_PX, _SIDE_PX), rng.randbytes(_SIDE_PX * _SIDE_PX * 3))
    file = BytesIO()
    noise.save(file, "PNG", compress_level=1)
    return await one.say(f"/qwen number {number} --steps {_STEPS}", [file.getvalue()])


@asynccontextmanager
async def _simulator(
    environ: Mapping[str, str], report: Callable[[Report], None], *, step_s: float
) -> AsyncGenerator[int]:
    """A simulator in a process of its own, which keeps account of what it did when; its port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="darkroom-gpu-") as folder:
        program = Program(
            name="simulator",
            argv=(
                *(sys.executable, "-P", "-m", "services.devstack.comfyui"),
                *("--port", str(port), "--dir", folder, "--step-s", str(step_s), "--faults"),
            ),
            environ=for_program(environ),
            cwd=Path(folder),
            ready=readiness.answers(port, "/system_stats"),
        )
        logs = Path(folder) / "logs"
        logs.mkdir()
        async with supervising([program], logs, report) as supervisor:
            await supervisor.until_ready()
            yield port


async def _spans(port: int) -> list[Span]:
    async with (
        aiohttp.ClientSession(trust_env=False) as http,
        http.get(f"http://{HOST}:{port}/_simulator/spans") as answer,
    ):
        return msgspec.json.decode(await answer.read(), type=list[Span])

"""Programs start in order, come back when they die, and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from services.devstack.errors import ProgramFailedError
from services.devstack.program import Program
from services.devstack.report import Report
from services.devstack.supervisor import Supervisor, supervising
from tests.integration.devstack import fakes
from tests.servers import eventually

SAYS_78 = """
sys.stderr.write('{"level":"info"}\\nservice: X is not set. Set it.\\n')
sys.exit(78)
"""
EXIT_78 = f"import sys\n{SAYS_78}"
EXIT_78_LATER = f"""
import pathlib, sys, time
ready = pathlib.Path(sys.argv[1], "two.ready")
if not ready.exists():
    ready.touch()
    time.sleep(600)
{SAYS_78}
"""
DIES = 'import sys; sys.exit("no luck")'


def ignore(_: Report) -> None:
    """Nobody reads it."""


async def gone(*pids: int) -> None:
    """Wait until none of these processes is left."""

    async def check() -> bool:
        return not any(is_there(pid) for pid in pids)

    await eventually(check, timeout_s=10)


def is_there(pid: int) -> bool:
    """Whether a process runs, and is not merely waiting to be buried."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def pids_of(supervisor: Supervisor) -> list[int]:
    """Every process id there is now."""
    return [pid for pid, _ in supervisor.pids.values()]


def story(folder: Path) -> list[str]:
    """What the fakes wrote, in order."""
    return (folder / "story").read_text().splitlines()


async def test_start_and_stop_follow_needs(tmp_path: Path) -> None:
    """A program starts once what it needs is ready, and ends before that does."""
    programs = [
        fakes.steady(tmp_path, "web", needs=["core"]),
        fakes.steady(tmp_path, "core", needs=["store"], start_s=0.1),
        fakes.steady(tmp_path, "store", start_s=0.2),
    ]
    reports: list[Report] = []
    async with supervising(programs, tmp_path, reports.append) as supervisor:
        await supervisor.until_ready()
        pids = pids_of(supervisor)

    assert ["starts store", "starts core", "starts web", "ends web", "ends core", "ends store"] == story(
        tmp_path
    )
    assert ["store", "core", "web"] == [report.program for report in reports if report.state == "ready"]
    await gone(*pids)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_dead_program_is_started_again(tmp_path: Path, number: signal.Signals) -> None:
    """Whatever a program dies of, it is started again, and the others are left alone."""
    programs = [fakes.steady(tmp_path, "one"), fakes.steady(tmp_path, "two", needs=["one"])]
    async with supervising(programs, tmp_path, ignore) as supervisor:
        await supervisor.until_ready()
        before = supervisor.pids
        os.kill(before["one"][0], number)

        async def came_back() -> bool:
            return story(tmp_path).count("starts one") == 2

        await eventually(came_back)
        assert before["two"] == supervisor.pids["two"]
        assert before["one"] != supervisor.pids["one"]


async def test_wrong_settings_end_everything_with_their_sentence(tmp_path: Path) -> None:
    """A program that exits with 78 is not started again; its sentence is the error."""
    programs = [fakes.steady(tmp_path, "one"), fakes.scripted(tmp_path, "two", EXIT_78, needs=["one"])]
    reports: list[Report] = []
    with pytest.raises(ProgramFailedError, match=r"^service: X is not set\. Set it\.$"):
        async with supervising(programs, tmp_path, reports.append) as supervisor:
            await supervisor.until_ready()

    assert 1 == sum(report.program == "two" and report.state == "starting" for report in reports)
    assert ["starts one", "ends one"] == story(tmp_path)


async def test_wrong_settings_later_end_everything_too(tmp_path: Path) -> None:
    """A program that comes back with 78 after it was ready fails whoever waits for that."""
    async with supervising([fakes.scripted(tmp_path, "two", EXIT_78_LATER)], tmp_path, ignore) as supervisor:
        await supervisor.until_ready()
        os.kill(supervisor.pids["two"][0], signal.SIGKILL)
        with pytest.raises(ProgramFailedError, match="X is not set"):
            await asyncio.wait_for(supervisor.until_failed(), 10)


async def test_a_program_that_never_starts_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that dies again and again before it was ever ready ends the start with its last words."""
    monkeypatch.setattr("services.devstack.keeper._BACKOFF_S", (0.01,))
    with pytest.raises(ProgramFailedError, match=r"one does not start \(exit code 1\): no luck\n.*one\.log"):
        async with supervising([fakes.scripted(tmp_path, "one", DIES)], tmp_path, ignore) as supervisor:
            await supervisor.until_ready()


async def test_a_program_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that does not exist ends the start and does not hang it."""
    monkeypatch.setattr("services.devstack.keeper._BACKOFF_S", (0.01,))
    program = fakes.scripted(tmp_path, "one", "")
    missing = type(program)(
        name="one", argv=("/nowhere/program",), environ={}, cwd=tmp_path, ready=program.ready
    )
    with pytest.raises(ProgramFailedError, match="one"):
        async with supervising([missing], tmp_path, ignore) as supervisor:
            await supervisor.until_ready()


@pytest.mark.parametrize("program", [fakes.deaf, fakes.scattered])
async def test_stopping_ends_the_deaf_and_their_children(
    tmp_path: Path, program: Callable[[Path, str], Program]
) -> None:
    """What does not end within its grace is killed, and so is what it started itself, in whatever group."""
    reports: list[Report] = []
    async with supervising([program(tmp_path, "deaf")], tmp_path, reports.append) as supervisor:
        await supervisor.until_ready()
        pids = [*pids_of(supervisor), int((tmp_path / "child").read_text())]

    assert "killed" == reports[-1].state
    await gone(*pids)


async def test_children_of_a_dead_program_end_with_it(tmp_path: Path) -> None:
    """What a program had started is gone before the program is started again."""
    async with supervising([fakes.deaf(tmp_path, "deaf")], tmp_path, ignore) as supervisor:
        await supervisor.until_ready()
        child = int((tmp_path / "child").read_text())
        os.kill(supervisor.pids["deaf"][0], signal.SIGKILL)
        await gone(child)


async def test_who_is_stopped_waits_for_nothing(tmp_path: Path) -> None:
    """While a program is being stopped, what it now lacks is no news."""
    reports: list[Report] = []
    asked = 0

    async def ready() -> str:
        nonlocal asked
        asked += 1
        return f"reason {asked}"  # a new one each time, and so a report

    program = msgspec.structs.replace(fakes.deaf(tmp_path, "deaf"), ready=ready)
    async with supervising([program], tmp_path, reports.append):

        async def waits() -> bool:
            return (tmp_path / "child").exists() and reports[-1].state == "waiting"

        await eventually(waits)
        before = len(reports)

    assert ["killed"] == [report.state for report in reports[before:]]


async def test_restart_tells_where_to_read_why(tmp_path: Path) -> None:
    """The report names the log, which has what the program said last."""
    reports: list[Report] = []
    async with supervising([fakes.scripted(tmp_path, "one", DIES)], tmp_path, reports.append):

        async def restarts() -> list[str]:
            return [report.detail for report in reports if report.state == "restarting"]

        details = await eventually(restarts)

    assert f"exit code 1; its log is {tmp_path / 'one.log'}" == details[0]


async def test_cancelling_while_stopping_leaves_nothing(tmp_path: Path) -> None:
    """Who is told to hurry while it stops kills what is left, at once."""
    entered = asyncio.Event()
    pids: list[int] = []

    async def supervise() -> None:
        async with supervising([fakes.deaf(tmp_path, "deaf")], tmp_path, ignore) as supervisor:
            await supervisor.until_ready()
            pids.extend([*pids_of(supervisor), int((tmp_path / "child").read_text())])
            entered.set()

    task = asyncio.create_task(supervise())
    await entered.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(*pids)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_survives_the_supervisor(tmp_path: Path, number: signal.Signals) -> None:
    """Whether it is asked to end or killed outright, nothing that it started is left."""
    command = [sys.executable, "-m", fakes.__name__, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        there = [is_there(pid) for pid in pids]
        process.send_signal(number)

    assert [True, True] == there
    asyncio.run(gone(*pids))

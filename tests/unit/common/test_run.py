"""How a service's process ends."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys

import pytest

from services.common.run import EXIT_BUG, EXIT_CONFIG, until

_SERVICE = """
import asyncio, os, signal
from services.common.errors import ConfigError
from services.common.run import StoppedError, run

async def main(stopping):
    {body}

run("tester", main{level})
"""


def ended(body: str, level: str = "") -> subprocess.CompletedProcess[str]:
    """A service of its own process that does *body*, ended."""
    source = _SERVICE.format(body=body, level=level)
    return subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(number: signal.Signals) -> None:
    """The event is set, and what main still does is waited for."""
    done = ended(f"os.kill(os.getpid(), {number:d}); await stopping.wait(); print('drained')")

    assert (0, "drained\n", "") == (done.returncode, done.stdout, done.stderr)


def test_stopped_while_it_waited_for_another_service() -> None:
    """That is no failure."""
    assert 0 == ended("raise StoppedError('NATS')").returncode


def test_a_wrong_setting_is_one_line() -> None:
    """A restart won't mend it: it says what will, without a traceback."""
    done = ended("raise ConfigError('NATS_URL is not set.')")

    assert (EXIT_CONFIG, "tester: NATS_URL is not set.\n") == (done.returncode, done.stderr)


@pytest.mark.parametrize("level", ["loud", ""])
def test_an_unknown_log_level_is_a_wrong_setting(level: str) -> None:
    """It names the variable and what it may be."""
    done = ended("pass", f", level={level!r}")

    assert EXIT_CONFIG == done.returncode
    assert f"tester: LOG_LEVEL is {level!r}. Set one of debug, info, warning, error.\n" == done.stderr


@pytest.mark.parametrize(
    "body",
    ["raise ZeroDivisionError", "async with asyncio.TaskGroup() as g: g.create_task(asyncio.wait(()))"],
)
def test_a_bug_ends_it_with_a_traceback(body: str) -> None:
    """Logged as a line of JSON, for the supervisor to start it again."""
    done = ended(body)

    assert EXIT_BUG == done.returncode
    assert '"event":"crashed"' in done.stderr
    assert 1 == len(done.stderr.splitlines())


async def test_waiting_loses_no_cancellation() -> None:
    """One that comes in the moment of the event ends the waiting task; lost, it would go on for ever."""
    event = asyncio.Event()
    waiting = asyncio.ensure_future(until(event, 60))
    for _ in range(3):
        await asyncio.sleep(0)
    event.set()
    waiting.cancel()

    assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], asyncio.CancelledError)


async def test_waiting_ends_with_the_event_or_the_time() -> None:
    """And says which."""
    event = asyncio.Event()
    assert not await until(event, 0.001)
    event.set()
    assert await until(event, 60)

"""Running a service: one task group, drained on SIGTERM; a failure that nobody expected ends the process."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
import uvloop

from services.common import log
from services.common.errors import ConfigError
from services.common.loop import WatchedLoop

EXIT_CONFIG = 78  # sysexits' EX_CONFIG: a restart won't mend it
EXIT_BUG = 70  # EX_SOFTWARE

Main = Callable[[asyncio.Event], Awaitable[None]]


def run(service: str, main: Main, *, level: str = "info") -> None:
    """
    Run *main* until it returns, then exit.

    Args:
        service: Name in the logs.
        main: Gets an event that is set on SIGTERM or SIGINT; it then finishes what it holds and returns.
        level: Least level that is logged: a name in ``log.LEVELS``.

    Settings are read before any task group is entered, so a ``ConfigError`` arrives bare.
    """
    try:
        log.configure(service, level)
        uvloop.run(_until_signalled(main), loop_factory=WatchedLoop)
    except ConfigError as exc:
        sys.stderr.write(f"{service}: {exc}\n")
        sys.exit(EXIT_CONFIG)
    except StoppedError:
        return  # asked to stop, and nothing was begun
    except Exception:
        structlog.get_logger().exception("crashed")
        sys.exit(EXIT_BUG)


async def _until_signalled(main: Main) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await main(stopping)


class StoppedError(Exception):
    """SIGTERM came while the service was still waiting for what it stands on."""


async def until(event: asyncio.Event, timeout_s: float) -> bool:
    """Wait at most *timeout_s* seconds for *event*, often that the service is to stop; whether it is set."""
    # Not `wait_for`, which until Python 3.12 loses a cancellation that comes with the event.
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
    return event.is_set()

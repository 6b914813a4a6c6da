"""What can wait is drawn when its chat's turn has come, and only its newest state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic
from uuid import UUID

import pytest

from services.ingress.telegram.pace import GROUP_S, PRIVATE_S, Pace, interval_s
from services.ingress.telegram.refusals import FloodError

ONE, TWO = UUID(int=1), UUID(int=2)
ANN, GROUP = 1001, -5


@asynccontextmanager
async def paced(draw: Callable[[UUID], Awaitable[None]]) -> AsyncGenerator[Pace]:
    """A running pace."""
    pace, stopping = Pace(draw), asyncio.Event()
    running = asyncio.create_task(pace.run(stopping))
    await asyncio.sleep(0)
    yield pace
    stopping.set()
    await running


def test_groups_are_slower() -> None:
    """Telegram allows them twenty messages a minute."""
    assert (PRIVATE_S, GROUP_S) == (interval_s(ANN), interval_s(GROUP))


async def test_marks_of_one_entry_become_one_drawing() -> None:
    """While a chat's turn has not come, only the last mark counts; other chats don't wait for it."""
    drawn: list[UUID] = []
    both = asyncio.Event()

    async def draw(entry_id: UUID) -> None:
        drawn.append(entry_id)
        if len(drawn) == 2:
            both.set()

    async with paced(draw) as pace:
        for _ in range(10):
            pace.mark(ANN, ONE)
        pace.mark(GROUP, TWO)
        await asyncio.wait_for(both.wait(), 0.5)

    assert [ONE, TWO] == drawn


async def test_a_pause_is_waited_for_and_the_drawing_made_up() -> None:
    """After a 429 the same entry is drawn again, not before the pause is over."""
    at: list[float] = []
    done = asyncio.Event()

    async def draw(_: UUID) -> None:
        at.append(monotonic())
        if len(at) == 1:
            raise FloodError(1.2)
        done.set()

    async with paced(draw) as pace:
        pace.mark(ANN, ONE)
        await asyncio.wait_for(done.wait(), 5)

    assert 1.2 <= at[1] - at[0]


async def test_a_long_pause_sends_the_caller_away() -> None:
    """What can't wait doesn't occupy its worker for minutes."""

    async def draw(_: UUID) -> None:
        raise AssertionError("nothing was marked")

    pace = Pace(draw, patience_s=0.4)
    pace.pause(ANN, 0.2)
    started = monotonic()
    await pace.admitted(ANN)

    assert 0.2 <= monotonic() - started < 1

    pace.pause(ANN, 600)
    with pytest.raises(FloodError):
        await asyncio.wait_for(pace.admitted(ANN), 2)

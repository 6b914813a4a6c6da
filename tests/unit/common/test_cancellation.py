"""A task that is told to end does so, whatever a library makes of that."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from nats.aio.client import Client

from services.common.bus import HeedfulClient
from services.common.db import translated


async def test_a_request_that_is_answered_and_cancelled_at_once_is_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """nats-py waits for the answer as here, which until Python 3.12 keeps the answer and drops the other."""
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def request(_client: Client, _subject: str) -> str:
        return await asyncio.wait_for(answer, 60)

    monkeypatch.setattr(Client, "request", request)
    asking = asyncio.create_task(HeedfulClient().request("a question"))
    await asyncio.sleep(0)
    answer.set_result("an answer")
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_rollback_that_fails_hides_no_cancellation() -> None:
    """Postgres is gone just when a task is told to end: it ends, and does not try again for ever."""

    async def transacting() -> None:
        with translated():
            try:
                await asyncio.sleep(60)
            finally:
                raise asyncpg.ConnectionDoesNotExistError("gone")

    writing = asyncio.create_task(transacting())
    await asyncio.sleep(0)
    writing.cancel()

    with pytest.raises(asyncio.CancelledError):
        await writing

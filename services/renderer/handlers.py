"""Messages of the RENDER stream, to attempts and cancellations."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import msgspec
from nats.aio.msg import Msg

from schemas import codec
from schemas.dispatch import CancelAttempt, Dispatch, RenderAttempt
from schemas.envelope import Message
from services.common.errors import RejectedError, RetryableError
from services.renderer.attempt import Attempt
from services.renderer.cancellation import age_of, cancel
from services.renderer.ending import end
from services.renderer.errors import AttemptFailedError
from services.renderer.studio import Studio

_GRACE_S = 2.0


class NotAnOrderError(RejectedError):
    """A message on RENDER that is none, or not of its subject."""

    code = "not-an-order"


class StoppingError(RetryableError):
    """This process stops. Whoever gets the order next finds the prompt on the backend and goes on."""

    code = "stopping"


class Handlers:
    """
    The handlers of one process.

    Args:
        studio: What attempts share.
        stopping: Set when the process is to stop: renders are left to run without it.
    """

    def __init__(self, studio: Studio, stopping: asyncio.Event) -> None:
        self._studio = studio
        self._stopping = stopping

    async def attempt(self, message: Msg) -> None:
        """Do one attempt, or leave it when the process stops; raises as ``Attempt.run`` does."""
        order = _read(message).body
        if not isinstance(order, RenderAttempt):
            raise NotAnOrderError
        working = asyncio.ensure_future(Attempt(self._studio, order).run())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            # What is all but done is finished; a render may take a quarter of an hour and is not waited for.
            await asyncio.wait({working}, timeout=_GRACE_S)
            if not working.done():
                raise StoppingError
            working.result()
        finally:
            await end(stopping, working)

    async def cancel(self, message: Msg) -> None:
        """Cancel one attempt; raises as ``cancel`` does."""
        asked = _read(message)
        if not isinstance(asked.body, CancelAttempt):
            raise NotAnOrderError
        await cancel(self._studio, asked.body, age_of(asked.at, datetime.now(UTC)))

    async def gave_up(self, message: Msg) -> None:
        """An order is parked for a bug of ours: its job must not wait for it for ever. May be told twice."""
        order = _read(message).body
        code = "renderer-failed" if isinstance(order, RenderAttempt) else "cancel-unconfirmed"
        await self._studio.facts.failed(order, AttemptFailedError(code, retryable=False))
        self._studio.purge.add(order, may_run=True)


def _read(message: Msg) -> Message[Dispatch]:
    try:
        return codec.decode_dispatch(message.data)
    except msgspec.MsgspecError as exc:
        raise NotAnOrderError(str(exc)) from exc

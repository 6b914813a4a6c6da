"""Updates that a bug of ours keeps from being handled: tried again, then put aside, and their person told."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from nats.js.api import Header

from schemas import ids, subjects
from services.common.bus import BUS_ERRORS, Bus, BusDownError
from services.common.errors import RejectedError
from services.common.keys import Keyring
from services.common.seal import seal_struct
from services.ingress.intent import Say
from services.ingress.telegram.hints import Hints
from services.ingress.telegram.incoming import Incoming
from services.ingress.telegram.keeping import Keeping

_AGAIN_S = (1.0, 4.0)  # its chat waits meanwhile
_FRAMES_TOLD = 8

Handle = Callable[[], Awaitable[str]]
"""Handles an update and says what came of it; doing it again asks for nothing twice."""


class Mishaps:
    """
    The last resort, as ``consumer.settle`` is for messages of NATS.

    Telegram does not say how often it has delivered an update: a process that falls over one would fall
    over it for ever, and everybody else's wait behind it. So it is not fallen over, but counted here.
    """

    def __init__(self, bus: Bus, keyring: Keyring, keeping: Keeping, hints: Hints) -> None:
        self._bus = bus
        self._keyring = keyring
        self._keeping = keeping
        self._hints = hints

    async def outlast(self, handle: Handle, parts: tuple[Incoming, ...], entry_id: UUID) -> str:
        """
        Call *handle*, again if it has a bug, and when that is of no use park *parts*.

        When this returns nothing is lost by letting go of them: what they ask for is kept or answered, or
        they are on PARKED and their person knows that nothing comes of them.

        Args:
            handle: Handles them.
            parts: A message, or the messages of an album.
            entry_id: Of the answer to them.

        Returns:
            What *handle* says, or ``parked``.
        """
        logger = structlog.get_logger().bind(update=parts[0].update_id)
        pauses_s = iter(_AGAIN_S)
        while True:
            try:
                return await handle()
            except Exception as exc:  # noqa: BLE001 - whatever it is, the update must not get lost over it
                reason = exc.code if isinstance(exc, RejectedError) else "bug"
                # Where, and not what it says: that may be a person's words.
                about = {"code": reason, "error": type(exc).__name__, "frames": _frames(exc)}
            pause_s = next(pauses_s, None) if reason == "bug" else None
            if pause_s is None:
                break
            logger.warning("comes again", delay_s=pause_s, **about)
            await asyncio.sleep(pause_s)
        for part in parts:
            await self._keeping.until_kept(lambda part=part: self._park(part, entry_id, reason), part)
        logger.error("parked", **about)
        hint = Say(code="internal" if reason == "bug" else reason)
        await self._hints.say_once(hint, parts[0], entry_id)
        return "parked"

    async def _park(self, part: Incoming, entry_id: UUID, reason: str) -> None:
        """Put *part* aside for the operator, sealed as belonging to its own message; twice is once."""
        message_id = ids.message_id("parked", entry_id, part.update_id)
        box = seal_struct(self._keyring.transport, part, message_id)
        headers = {Header.MSG_ID: str(message_id), subjects.REASON_HEADER: reason}
        if not self._bus.is_up:
            raise BusDownError("NATS is not connected")  # nats-py would only keep it in memory
        try:
            await self._bus.jetstream.publish(subjects.parked("telegram"), box, headers=headers)
        except BUS_ERRORS as exc:
            raise BusDownError(f"not parked: {type(exc).__name__}") from exc


def _frames(exc: Exception) -> list[str]:
    """Where it was raised, innermost last."""
    frames = traceback.extract_tb(exc.__traceback__)[-_FRAMES_TOLD:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]

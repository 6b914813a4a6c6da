"""Questions of other services: several at once, each answered on a connection of its own."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from schemas import codec
from services.common.bus import BUS_ERRORS
from services.common.db import Pool, connection, snapshot
from services.common.errors import ServiceError
from services.common.keys import Keyring
from services.orchestrator import queries
from services.orchestrator.gatekeeper import Gatekeeper
from services.orchestrator.recall import Recall

_AT_ONCE = 3  # of each kind: a page's long history must not hold up the renderer's short question


class Inquiries:
    """Answers the questions of one subject, as tasks of *group*; the rest is the process's."""

    def __init__(
        self,
        pool: Pool,
        keyring: Keyring,
        recall: Recall,
        gatekeeper: Gatekeeper,
        group: asyncio.TaskGroup,
    ) -> None:
        self._pool = pool
        self._keyring = keyring
        self._recall = recall
        self._gatekeeper = gatekeeper
        self._group = group
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def take(self, message: Msg) -> None:
        """Begin to answer, as soon as there is room; until then NATS keeps the others."""
        await self._slots.acquire()
        self._group.create_task(self._answer(message)).add_done_callback(lambda _: self._slots.release())

    async def until_stopped(self, listening: Subscription, stopping: asyncio.Event) -> None:
        """Stop listening when *stopping*; what was begun is finished by the group."""
        await stopping.wait()
        with suppress(*BUS_ERRORS):  # the server forgets it with the connection
            await listening.unsubscribe()

    async def _answer(self, message: Msg) -> None:
        try:
            question = codec.decode_query(message.data)
            reading = snapshot if isinstance(question, queries.NEEDS_SNAPSHOT) else connection
            async with reading(self._pool) as conn:
                found = await queries.answer(conn, self._keyring, self._recall, self._gatekeeper, question)
            await message.respond(codec.encode(found))
        except (ServiceError, msgspec.DecodeError, *BUS_ERRORS) as exc:
            # No answer is an answer: who asks sees a timeout and asks again.
            structlog.get_logger().warning("question not answered", reason=str(exc)[:200])

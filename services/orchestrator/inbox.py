"""INBOX's consumer: each message in one transaction with everything that follows from it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
import structlog
from nats.aio.msg import Msg
from prometheus_client import Counter, Histogram

from schemas import codec, subjects
from schemas.commands import Command
from schemas.facts import Fact
from schemas.params import MAX_SEED
from services.common.consumer import Source
from services.common.db import Pool, connection
from services.common.errors import RejectedError
from services.common.keys import Keyring
from services.orchestrator import line, turn
from services.orchestrator.authority import may_say
from services.orchestrator.desk import Desk
from services.orchestrator.express import Express
from services.orchestrator.gatekeeper import Gatekeeper
from services.orchestrator.handlers import handle
from services.orchestrator.ledger import Ledger
from services.orchestrator.limits import Limits
from services.orchestrator.outgoing import Outgoing
from services.orchestrator.person_keys import PersonKeys
from services.orchestrator.writer import Writer

SOURCE = Source(
    stream=subjects.INBOX,
    durable="orchestrator",
    subject="inbox.>",
    in_order=True,  # a session's commands take effect as they were said
    ack_wait_s=5.0,
)

_HANDLED = Counter("darkroom_inbox_handled", "Messages of INBOX that took effect", ["type"])
_SECONDS = Histogram("darkroom_inbox_seconds", "Seconds from the start of a transaction to its commit")


class NotTheirsError(RejectedError):
    """A message that whoever may publish on its subject has no business to say."""

    code = "not-theirs"


class Inbox:
    """
    Handles messages.

    Args:
        pool: The event log's database.
        keyring: The deployment's.
        writer: To the log.
        express: Sends what is urgent after each commit.
        gatekeeper: Whether jobs may be dispatched.
        limits: How much one person may have, and how long a job waits.
        clock: Now.
        wake: Called after each commit, so that the relay need not wait for its poll.
    """

    def __init__(
        self,
        pool: Pool,
        keyring: Keyring,
        writer: Writer,
        express: Express,
        gatekeeper: Gatekeeper,
        *,
        limits: Limits,
        clock: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._pool = pool
        self._keyring = keyring
        self._writer = writer
        self._express = express
        self._gatekeeper = gatekeeper
        self._limits = limits
        self._clock = clock
        self._wake = wake

    async def take(self, message: Msg) -> None:
        """
        Let a message take effect, once.

        Raises:
            RejectedError: It can't be read, or not opened, or is not its sender's to say.
            RetryableError: Postgres is away. Nothing took effect.
        """
        try:
            read = codec.decode_inbox(message.data)
        except msgspec.DecodeError as exc:
            raise RejectedError(str(exc), code="undecodable") from exc
        if not may_say(message.subject, read.body):
            raise NotTheirsError(message.subject)
        kind = str(read.body.__struct_config__.tag)
        with _SECONDS.time():
            urgent = await self._writer.write(
                read.message_id,
                self._clock(),
                lambda ledger: self._effect(read.body, ledger),
                consumer=SOURCE.durable,
            )
        if urgent is None:
            return  # it took effect before
        await self._express.send(urgent)
        self._wake()
        _HANDLED.labels(kind).inc()
        structlog.get_logger().info("handled", type=kind, message=read.message_id)

    async def tick(self) -> None:
        """Dispatch what has become ready by the passing of time alone."""
        async with connection(self._pool) as conn:
            if not await line.any_queued(conn):
                return
        urgent = await self._writer.write(_cause(), self._clock(), self._dispatch)
        if urgent:
            await self._express.send(urgent)
            self._wake()

    async def _effect(self, body: Command | Fact, ledger: Ledger) -> list[Outgoing]:
        """What a message changes; what is urgent of what that makes due."""
        desk = self._desk(ledger)
        await handle(body, desk)
        await turn.dispatch(ledger, self._limits, self._gatekeeper)
        return await self._express.composed(ledger, desk.keys)

    async def _dispatch(self, ledger: Ledger) -> list[Outgoing]:
        await turn.dispatch(ledger, self._limits, self._gatekeeper)
        return await self._express.composed(ledger, PersonKeys(ledger.conn, self._keyring))

    def _desk(self, ledger: Ledger) -> Desk:
        return Desk(
            ledger=ledger,
            keys=PersonKeys(ledger.conn, self._keyring),
            seed=secrets.randbelow(min(MAX_SEED, 2**32)),
            limits=self._limits,
            gatekeeper=self._gatekeeper,
        )


def _cause() -> UUID:
    """The passing of time has no message: each tick is a cause of its own."""
    return uuid4()

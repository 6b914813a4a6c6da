"""NATS by nats-py: one connection a process, JetStream publishing, requests, streams."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import Header

from schemas import codec
from schemas.envelope import Message
from services.common.cancellation import heed
from services.common.errors import RejectedError, UnavailableError

PUBLISH_TIMEOUT_S = 5.0
REQUEST_TIMEOUT_S = 5.0
MAX_MESSAGE_BYTES = 960 * 1024
"""Below what NATS carries (1 MiB with headers): a server closes the connection of whoever sends it more."""

_PORT = 4222
_FIRST_CONNECT_S = 3.0
_DRAIN_S = 3.0  # whoever stops us waits only a few seconds before using force

# nats-py surfaces a lost socket as either of its own errors or the operating system's.
BUS_ERRORS = (NatsError, OSError, TimeoutError)


class BusDownError(UnavailableError):
    """NATS does not answer. Whether a publish arrived is unknown; its message id makes asking again safe."""

    code = "nats-down"


class TooLargeError(RejectedError):
    """A message is larger than NATS carries; nothing was sent."""

    code = "message-too-large"


class HeedfulClient(Client):
    """nats-py's, whose requests lose no cancellation; JetStream publishes and acknowledges by them too."""

    async def request(self, *args: Any, **kwargs: Any) -> Msg:  # noqa: D102 - as inherited
        try:
            return await super().request(*args, **kwargs)
        finally:
            heed()


class Bus:
    """A connection that reconnects for ever, and refuses instead of buffering while it is down."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.jetstream: JetStreamContext = client.jetstream(timeout=PUBLISH_TIMEOUT_S)

    @property
    def is_up(self) -> bool:
        """Whether NATS is connected now."""
        return self._client.is_connected

    @property
    def servers(self) -> tuple[tuple[str, int], ...]:
        """Hosts and ports that it connects to, those that NATS told of included."""
        return tuple((one.hostname or "", one.port or _PORT) for one in self._client.servers)

    @property
    def is_closed(self) -> bool:
        """Whether it never comes back: we closed it, or the server refused us for good."""
        return self._client.is_closed

    @property
    def reconnections(self) -> int:
        """How often the connection was lost and made again: core NATS messages sent in between are gone."""
        return self._client.stats["reconnects"]

    async def check(self) -> str:
        """For ``/readyz``: empty when connected, else what is missing."""
        return "" if self.is_up else "NATS is not connected"

    async def publish(
        self, subject: str, body: object, message_id: UUID, *, at: datetime | None = None
    ) -> None:
        """
        Publish to JetStream and wait until the stream has it.

        Raises:
            BusDownError: No acknowledgement. The stream has it once or not at all;
                the same id may be sent again.
            TooLargeError: It would never arrive.
        """
        message = Message(message_id=message_id, at=at or datetime.now(UTC), body=body)
        await self.publish_bytes(subject, codec.encode(message), message_id)

    async def publish_bytes(self, subject: str, data: bytes, message_id: UUID) -> None:
        """Publish encoded bytes to JetStream, as ``publish`` does."""
        if len(data) > MAX_MESSAGE_BYTES:
            raise TooLargeError(f"{len(data)} bytes for {subject}")
        self._require_up()
        headers: dict[str, Any] = {Header.MSG_ID: str(message_id)}
        try:
            await self.jetstream.publish(subject, data, headers=headers)
        except BUS_ERRORS as exc:
            raise BusDownError(f"not acknowledged: {exc}") from exc

    async def tell(self, subject: str, body: object) -> None:
        """Publish on core NATS: whoever listens now gets it, and nobody else ever does."""
        await self.tell_bytes(subject, codec.encode(body))

    async def tell_bytes(self, subject: str, data: bytes) -> None:
        """Publish encoded bytes on core NATS, as ``tell`` does."""
        if not self.is_up:
            return
        try:
            await self._client.publish(subject, data)
        except BUS_ERRORS as exc:
            raise BusDownError(str(exc)) from exc

    async def request(self, subject: str, body: object, *, timeout_s: float = REQUEST_TIMEOUT_S) -> bytes:
        """
        Ask on core NATS and wait for the answer.

        Raises:
            BusDownError: Nobody answered in time; the question changed nothing.
            TooLargeError: It would never arrive.
        """
        data = codec.encode(body)
        if len(data) > MAX_MESSAGE_BYTES:
            raise TooLargeError(f"{len(data)} bytes for {subject}")
        self._require_up()
        try:
            reply = await self._client.request(subject, data, timeout=timeout_s)
        except BUS_ERRORS as exc:
            raise BusDownError(f"no answer on {subject}: {exc}", code="no-answer") from exc
        return reply.data

    async def subscribe(
        self, subject: str, handle: Callable[[Msg], Awaitable[None]], *, queue: str = ""
    ) -> Subscription:
        """Call *handle* for each core NATS message; members of one *queue* share them."""
        self._require_up()
        return await self._client.subscribe(subject, queue=queue, cb=handle)

    async def close(self) -> None:
        """Send what is pending and close; when NATS is gone, or takes too long for it, just close."""
        if self._client.is_connected:
            draining = asyncio.ensure_future(self._client.drain())
            # Not by `asyncio.timeout`: nats-py goes on waiting when it is cancelled here.
            await asyncio.wait({draining}, timeout=_DRAIN_S)
            failure = draining.exception() if draining.done() else TimeoutError("it takes too long")
            if failure is not None:
                draining.cancel()
                structlog.get_logger().warning("bus", state="not drained", reason=str(failure)[:200])
        await self._client.close()

    def _require_up(self) -> None:
        # Without this nats-py would keep it in memory and send it after the reconnection,
        # long after its sender was told that nothing was kept.
        if not self.is_up:
            raise BusDownError("NATS is not connected")


def hosts(url: str) -> tuple[str, ...]:
    """Names or addresses in ``nats://user:password@host:port``, or several separated by commas."""
    return tuple(urlsplit(one).hostname or "" for one in url.split(",") if one)


async def connect(url: str, name: str, *, echo: bool = True) -> Bus:
    """
    Connect to NATS.

    Args:
        url: ``nats://user:password@host:port``, or several separated by commas.
        name: Shown in NATS's own monitoring, and this connection's inbox prefix.
        echo: Whether it also gets what it publishes itself, where it listens to that.

    Raises:
        BusDownError: Nobody is there yet; try again.
    """
    logger = structlog.get_logger()

    async def on_disconnect() -> None:
        logger.warning("bus", state="disconnected")

    async def on_reconnect() -> None:
        logger.warning("bus", state="reconnected")

    async def on_error(exc: Exception) -> None:
        logger.warning("bus", state="error", error=type(exc).__name__, reason=str(exc)[:200])

    client = HeedfulClient()
    try:
        # nats-py itself would try for ever, deaf to a service that is to stop.
        async with asyncio.timeout(_FIRST_CONNECT_S):
            await client.connect(
                url.split(","),
                name=name,
                inbox_prefix=f"_INBOX_{name}".encode(),
                no_echo=not echo,
                allow_reconnect=True,
                max_reconnect_attempts=-1,
                # Annotated int, slept on as it comes.
                reconnect_time_wait=0.25,  # pyright: ignore[reportArgumentType]
                connect_timeout=3,
                ping_interval=10,
                max_outstanding_pings=2,
                disconnected_cb=on_disconnect,
                reconnected_cb=on_reconnect,
                error_cb=on_error,
            )
    except BUS_ERRORS as exc:
        await client.close()
        raise BusDownError(f"NATS does not answer: {exc}") from exc
    return Bus(client)

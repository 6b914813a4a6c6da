"""A working orchestrator on real servers, with a hand-played channel and renderer around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID, uuid4

from msgspec.structs import replace
from nats.js import JetStreamContext

from schemas import codec, subjects
from schemas.catalogue import BackendReport
from schemas.commands import Command, ReportOutcomeShown, RequestRender, SessionRef, Target
from schemas.dispatch import CancelAttempt, RenderAttempt
from schemas.egress import Mode
from schemas.events.job import Timings
from schemas.facts import BackendReported, Fact, RenderStarted, RenderSucceeded, WorkflowAnnounced
from schemas.media import MediaRef
from schemas.params import RenderParams
from schemas.private import Address, MediaKeys, MessageAddress, RequestSecrets, Words
from schemas.queries import Query
from schemas.replies import Entry
from services.common import streams
from services.common.bus import Bus, connect
from services.common.db import Pool, connection, open_pool
from services.common.keys import Keyring, derive
from services.common.seal import seal_struct
from services.orchestrator.limits import Limits
from services.orchestrator.migration import migrate
from services.orchestrator.service import serve
from tests.builders import EDIT_SPEC, REPORT, SPEC, TIMINGS
from tests.servers import eventually

KEYRING = derive(b"k" * 32)
LIMITS = Limits(open_jobs=20, running_jobs=4, staged_jobs=1, queue_patience_s=900)
T = TypeVar("T")


class Studio:
    """Speaks to the orchestrator as a channel and as a renderer would."""

    def __init__(self, bus: Bus, pool: Pool, database_url: str) -> None:
        self.bus = bus
        self.pool = pool
        self.database_url = database_url
        self._entries: list[Entry] = []
        self._pulls: dict[str, JetStreamContext.PullSubscription] = {}

    async def publish(self, subject: str, body: Command | Fact, message_id: UUID | None = None) -> UUID:
        """Publish to INBOX; returns the message's id."""
        name = message_id or uuid4()
        await self.bus.publish(subject, body, name)
        return name

    async def say(self, ref: SessionRef, body: Command, message_id: UUID | None = None) -> UUID:
        """A channel's command."""
        return await self.publish(subjects.inbox_command(ref.session_id), body, message_id)

    async def ask_picture(self, ref: SessionRef, prompt: str = "an astronaut", **changed: Any) -> UUID:
        """``/f``, or what *changed* makes of it; returns the job's id."""
        job_id = changed.pop("job_id", None) or uuid4()
        keys = changed.pop("upload_keys", {})
        command = RequestRender(
            session=ref,
            job_id=job_id,
            command="f",
            params=RenderParams(),
            target=Target(),
            private=secrets(job_id, prompt, keys),
        )
        await self.say(ref, replace(command, **changed))
        return job_id

    async def report(self, body: Fact) -> None:
        """A renderer's fact."""
        await self.publish(subjects.inbox_fact("gpu"), body)

    async def open_shop(self, **changed: Any) -> None:
        """Announce ``/f`` and ``/qwen`` and one backend that can do both; wait until that is known."""
        for spec in (SPEC, EDIT_SPEC):
            await self.report(WorkflowAnnounced(spec=spec, definition="{}"))
        await self.observe(replace(REPORT, **changed))

    async def observe(self, report: BackendReport) -> None:
        """Report a backend and wait until the log knows."""
        await self.report(BackendReported(report=report))

        async def known() -> bool:
            state = await self.fetchval("SELECT state FROM projection.backend WHERE id = $1", report.backend)
            return state is not None and codec.encode(report).decode() in state

        await eventually(known)

    async def attempt(self, backend: str = "gpu", timeout_s: float = 10.0) -> RenderAttempt:
        """The next attempt that a renderer would get, acknowledged."""
        return await self._next(subjects.RENDER, subjects.render_attempt(backend), timeout_s)

    async def cancellation(self, backend: str = "gpu") -> CancelAttempt:
        """The next cancellation that a renderer would get."""
        return await self._next(subjects.RENDER, subjects.render_cancel(backend), 10.0)

    async def succeed(self, order: RenderAttempt, *, count: int = 1) -> RenderSucceeded:
        """Play a renderer that made *count* pictures; returns the fact it published."""
        await self.report(RenderStarted(job_id=order.job_id, attempt=order.attempt))
        fact = success(order, count=count)
        await self.report(fact)
        return fact

    async def entry(self, entry_id: UUID, status: str, *, channel: str = "telegram") -> Entry:
        """The entry as soon as the channel is told that it stands at *status*."""
        return await self._entry(lambda e: (e.entry_id, e.status) == (entry_id, status), channel)

    async def entry_with(self, entry_id: UUID, code: str, *, channel: str = "telegram") -> Entry:
        """The entry as soon as the channel is told to say *code* of it."""
        return await self._entry(lambda e: (e.entry_id, e.code) == (entry_id, code), channel)

    async def _entry(self, matches: Callable[[Entry], bool], channel: str) -> Entry:
        for seen in self._entries:
            if matches(seen):
                return seen
        while True:
            found: Entry = await self._next(subjects.REPLIES, subjects.replies_of(channel), 10.0)
            self._entries.append(found)
            if matches(found):
                return found

    async def outcome_shown(self, job_id: UUID, ref: SessionRef) -> None:
        """Report that the person has seen the outcome, and wait until the log knows."""
        await self.say(ref, ReportOutcomeShown(job_id=job_id))
        await self.job_is(job_id, "is_due", value=False)

    async def job_is(self, job_id: UUID, column: str, value: object) -> None:
        """Wait until a column of the job's row has a value."""

        async def matches() -> bool:
            row = await self.fetchval(f"SELECT {column} FROM projection.job WHERE id = $1", str(job_id))
            return row == value

        await eventually(matches)

    async def ask(self, kind: str, question: Query) -> Any:
        """Ask the orchestrator."""
        return codec.decode_answer(await self.bus.request(subjects.query(kind), question))

    async def fetchval(self, query: str, *args: object) -> Any:
        """One value of the database."""
        async with connection(self.pool) as conn:
            return await conn.fetchval(query, *args)

    async def _next(self, stream: str, subject: str, timeout_s: float) -> Any:
        if subject not in self._pulls:
            durable = subject.replace(".", "-").replace("*", "all")
            self._pulls[subject] = await self.bus.jetstream.pull_subscribe(
                subject, durable=durable, stream=stream
            )
        [message] = await self._pulls[subject].fetch(1, timeout=timeout_s)
        await message.ack_sync()
        decode = codec.decode_reply if stream == subjects.REPLIES else codec.decode_dispatch
        return decode(message.data).body


def speaker(number: int = 1, person: int | None = None) -> SessionRef:
    """A chat and a person in it."""
    session_id = UUID(int=1000 + number)
    address = seal_struct(KEYRING.transport, Address(chat_id=number), session_id)
    return SessionRef(
        session_id=session_id,
        person_id=UUID(int=2000 + (person or number)),
        channel="telegram",
        private=address,
    )


def secrets(entry_id: UUID, prompt: str = "", upload_keys: dict[UUID, bytes] | None = None) -> bytes:
    """What comes sealed with a command."""
    private = RequestSecrets(
        words=Words(said=f"/f {prompt}", prompt=prompt),
        asked_in=MessageAddress(chat_id=1, message_id=10),
        upload_keys=upload_keys or {},
    )
    return seal_struct(KEYRING.transport, private, entry_id)


def success(order: RenderAttempt, *, count: int = 1, timings: Timings = TIMINGS) -> RenderSucceeded:
    """A renderer's fact about *count* pictures."""
    images = tuple(
        MediaRef(
            media_id=uuid4(),
            sealed_sha256="b" * 64,
            size_bytes=100,
            mime="image/png",
            width_px=64,
            height_px=64,
        )
        for _ in range(count)
    )
    keys = MediaKeys(keys={image.media_id: b"k" * 32 for image in images})
    return RenderSucceeded(
        job_id=order.job_id,
        attempt=order.attempt,
        backend=order.backend,
        images=images,
        timings=timings,
        private=seal_struct(KEYRING.transport, keys, order.job_id),
    )


@asynccontextmanager
async def open_studio(
    database_url: str,
    nats_url: str,
    keyring: Keyring = KEYRING,
    *,
    limits: Limits = LIMITS,
    mode: Mode = "direct",
) -> AsyncGenerator[Studio]:
    """An orchestrator at work; when the block ends, it stops as on SIGTERM."""
    pool = await open_pool(database_url)
    async with connection(pool) as conn:
        await migrate(conn)
    bus = await connect(nats_url, "orchestrator")
    await streams.declare(bus, replicas=1)
    stopping = asyncio.Event()
    working = asyncio.ensure_future(
        serve(pool, bus, keyring, limits=limits, mode=mode, replicas=1, stopping=stopping)
    )
    try:
        yield Studio(bus, pool, database_url)
    finally:
        stopping.set()
        await asyncio.wait_for(working, 20)
        await bus.close()
        await pool.close()

"""The orchestrator as a channel sees it: takes commands, answers queries and publishes what a test says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace
from nats.aio.msg import Msg

from schemas import codec, subjects
from schemas.commands import Channel, SessionRef
from schemas.media import MediaRef, StillRef
from schemas.private import Address, EntrySecrets, MessageAddress, RequestSecrets
from schemas.progress import Progress
from schemas.queries import Answer, AskHistory, AskMedia, History, MediaFound, NotFound
from schemas.replies import Entry, Picture
from services.common import bus as bus_module
from services.common import streams
from services.common.bus import Bus
from services.common.consumer import Source, consume
from services.common.keys import Keyring
from services.common.media import Measured, MediaStore
from services.common.seal import seal, seal_struct, unseal_struct
from tests import builders
from tests.servers import eventually

C = TypeVar("C")

_INBOX = Source(stream=subjects.INBOX, durable="orchestrator", subject="inbox.>", workers=1)


class FakeOrchestrator:
    """
    Holds what a test tells it, and remembers what it was told.

    Attributes:
        bus: Its connection.
        store: The media store.
        heard: Commands and facts so far; a message id is heard once, as by the real inbox.
        asked: Queries so far.
        entries: Every session's history.
        workflows: What commands mean.
        able: Which of them can be done.
        simulated: Whether the history says that a simulator makes the pictures.
        answering: Cleared by a test to hold answers back.
    """

    def __init__(self, bus: Bus, keyring: Keyring, channel: Channel) -> None:
        self.bus = bus
        self.store = MediaStore(bus)
        self.heard: list[Any] = []
        self.asked: list[Any] = []
        self.entries: dict[UUID, list[Entry]] = {}
        self.workflows = (builders.SPEC, builders.EDIT_SPEC)
        self.able = tuple(spec.digest for spec in self.workflows)
        self.simulated = False
        self.answering = asyncio.Event()
        self.answering.set()
        self._keyring = keyring
        self._channel = channel
        self._seen: set[UUID] = set()
        self._media: dict[tuple[UUID, UUID, bool], MediaFound] = {}
        self._stopping = asyncio.Event()
        self._consuming: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, url: str, keyring: Keyring, channel: Channel) -> FakeOrchestrator:
        """Connect, declare the streams, begin to listen."""
        fake = cls(await bus_module.connect(url, "orchestrator"), keyring, channel)
        await streams.declare(fake.bus, replicas=1)
        await fake.bus.subscribe(subjects.query("channel"), fake._answer)
        fake._consuming = asyncio.create_task(consume(fake.bus, _INBOX, fake._take, fake._stopping))
        return fake

    async def stop(self) -> None:
        """Finish and disconnect."""
        self._stopping.set()
        if self._consuming is not None:
            await self._consuming
        await self.bus.close()

    def all(self, kind: type[C]) -> list[C]:
        """The commands of one kind so far."""
        return [command for command in self.heard if isinstance(command, kind)]

    async def next(self, kind: type[C], nth: int = 1) -> C:
        """The *nth* command of a kind, once it is there."""

        async def found() -> list[C]:
            return self.all(kind)[nth - 1 :]

        return (await eventually(found))[0]

    async def until_asked(self, times: int) -> None:
        """Wait until so many queries were asked in all."""

        async def enough() -> bool:
            return len(self.asked) >= times

        await eventually(enough)

    def secrets(self, command: Any) -> RequestSecrets:
        """What came sealed with a command."""
        return unseal_struct(self._keyring.transport, command.private, _entry_id(command), RequestSecrets)

    def entry(
        self,
        session_id: UUID,
        *,
        said: str = "/f an astronaut",
        chat: Address | None = None,
        asked_in: MessageAddress | None = None,
        **changed: Any,
    ) -> Entry:
        """An entry of a session, with its words sealed as the real one seals them."""
        entry_id = changed.pop("entry_id", None) or uuid4()
        secrets = EntrySecrets(
            said=said,
            chat=chat or Address(),
            asked_in=asked_in or MessageAddress(),
            shown_in=MessageAddress(),
        )
        given: dict[str, Any] = {
            "status": "queued",
            "version": 1,
            "at": datetime.now(UTC),
            "command": "f",
            "attempt": 1,
            "private": seal_struct(self._keyring.transport, secrets, entry_id),
        }
        return Entry(entry_id=entry_id, session_id=session_id, **{**given, **changed})

    def entry_for(self, command: Any, **changed: Any) -> Entry:
        """The entry that answers a command."""
        asked = self.secrets(command)
        ref: SessionRef = command.session
        given: dict[str, Any] = {
            "entry_id": _entry_id(command),
            "said": asked.words.said,
            "chat": unseal_struct(self._keyring.transport, ref.private, ref.session_id, Address),
            "asked_in": asked.asked_in,
            "command": getattr(command, "command", ""),
            "params": replace(getattr(command, "params", builders.PARAMS), seed=7),
        }
        return self.entry(ref.session_id, **{**given, **changed})

    async def show(self, entry: Entry) -> None:
        """Publish an entry to its session, as the relay does."""
        await self.bus.publish(subjects.reply(self._channel, entry.session_id), entry, uuid4())

    async def progress(self, entry: Entry, percent: float, **changed: Any) -> None:
        """Say how far a job is, as the renderer does; ``preview`` is sealed on the way."""
        given: dict[str, Any] = {"attempt": 1, "stage": "rendering", "node": "Sampler", "step": 3, "steps": 4}
        sealed = changed.pop("sealed", None)
        given["preview"] = sealed or self.sealed(entry, changed.pop("preview", b""))
        note = Progress(job_id=entry.entry_id, percent=percent, **{**given, **changed})
        await self.bus.tell(subjects.progress(self._channel, entry.session_id, entry.entry_id), note)

    def sealed(self, entry: Entry, preview: bytes) -> bytes:
        """A preview as it travels; nothing for nothing."""
        return seal(self._keyring.transport, preview, entry.entry_id) if preview else b""

    async def keep(self, session_id: UUID, data: bytes, *, poster: bytes = b"", **measured: Any) -> Picture:
        """Put a medium into the store, and its poster; queries of that session find it, and of no other."""
        ref, found = await self._put(data, **measured)
        still: StillRef | None = None
        image_id = uuid4()
        if poster:
            kept, self._media[session_id, image_id, True] = await self._put(poster, mime="image/jpeg")
            still = msgspec.convert(msgspec.to_builtins(kept), StillRef)
        self._media[session_id, image_id, False] = found
        return Picture(image_id=image_id, media=replace(ref, poster=still))

    async def _put(self, data: bytes, **measured: Any) -> tuple[MediaRef, MediaFound]:
        about = {name: measured.pop(name) for name in ("animated",) if name in measured}
        given: dict[str, Any] = {"mime": "image/png", "width_px": 640, "height_px": 480}
        ref, key = await self.store.put(data, Measured(**{**given, **measured}))
        ref = replace(ref, **about)
        return ref, MediaFound(media=ref, private=seal(self._keyring.transport, key, ref.media_id))

    async def _take(self, message: Msg) -> None:
        said = codec.decode_inbox(message.data)
        if said.message_id not in self._seen:
            self._seen.add(said.message_id)
            self.heard.append(said.body)

    async def _answer(self, message: Msg) -> None:
        query = codec.decode_query(message.data)
        self.asked.append(query)
        answer = self._look_up(query)
        await self.answering.wait()
        await message.respond(codec.encode(answer))

    def _look_up(self, query: Any) -> Answer:
        match query:
            case AskHistory(session_id=session_id):
                return History(
                    entries=tuple(self.entries.get(session_id, [])),
                    workflows=self.workflows,
                    able=self.able,
                    simulated=self.simulated,
                )
            case AskMedia(session_id=session_id, image_id=image_id, poster=poster):
                return self._media.get((session_id, image_id, poster), NotFound())
            case _:
                raise AssertionError(query)


def _entry_id(command: Any) -> UUID:
    return getattr(command, "job_id", None) or command.entry_id

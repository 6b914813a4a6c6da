"""The orchestrator as the web chat sees it: answers queries, takes commands, publishes entries."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from nats.aio.msg import Msg

from schemas import codec, subjects
from schemas.media import MediaRef
from schemas.private import Address, EntrySecrets, MessageAddress
from schemas.progress import Progress
from schemas.queries import Answer, AskHistory, AskMedia, History, MediaFound, NotFound
from schemas.replies import Entry
from services.common import bus as bus_module
from services.common import streams
from services.common.bus import Bus
from services.common.consumer import Source, consume
from services.common.keys import Keyring
from services.common.media import Measured, MediaStore
from services.common.seal import seal, seal_struct
from tests import builders
from tests.servers import eventually

_INBOX = Source(stream=subjects.INBOX, durable="orchestrator", subject="inbox.>", workers=1)


class FakeOrchestrator:
    """Holds what a test tells it, and remembers what it was told."""

    def __init__(self, bus: Bus, keyring: Keyring) -> None:
        self.bus = bus
        self.keyring = keyring
        self.heard: list[Any] = []
        self.entries: dict[UUID, list[Entry]] = {}
        self.media: dict[tuple[UUID, UUID], MediaFound] = {}
        self.asked: list[Any] = []
        self.simulated = False
        # Set by a test to hold an answer back until it lets go.
        self.answering = asyncio.Event()
        self.answering.set()
        self._stopping = asyncio.Event()
        self._consuming: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, url: str, keyring: Keyring) -> FakeOrchestrator:
        """Connect, declare the streams, begin to listen."""
        fake = cls(await bus_module.connect(url, "orchestrator"), keyring)
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

    async def commands(self, kind: type, count: int) -> list[Any]:
        """The commands of one kind, once there are *count*."""

        async def found() -> list[Any]:
            matching = [command for command in self.heard if isinstance(command, kind)]
            return matching if len(matching) >= count else []

        return await eventually(found)

    def entry(self, session_id: UUID, *, said: str = "/f an astronaut", **changed: Any) -> Entry:
        """An entry of a session, with its words sealed as the real one seals them."""
        entry_id = changed.pop("entry_id", None) or uuid4()
        secrets = EntrySecrets(
            said=said, chat=Address(), asked_in=MessageAddress(), shown_in=MessageAddress()
        )
        given = {
            "status": "queued",
            "version": 1,
            "at": datetime.now(UTC),
            "command": "f",
            "private": seal_struct(self.keyring.transport, secrets, entry_id),
        }
        return Entry(entry_id=entry_id, session_id=session_id, **{**given, **changed})

    async def show(self, entry: Entry) -> None:
        """Publish an entry to its session, as the relay does."""
        await self.bus.publish(subjects.reply("web", entry.session_id), entry, uuid4())

    async def progress(self, session_id: UUID, progress: Progress) -> None:
        """Say how far a job is, as the renderer does."""
        await self.bus.tell(subjects.progress("web", session_id, progress.job_id), progress)

    async def keep(self, session_id: UUID, data: bytes, mime: str = "image/png") -> UUID:
        """Put a medium into the store; returns the image it is, of that session alone."""
        ref, key = await MediaStore(self.bus).put(data, Measured(mime=mime, width_px=8, height_px=6))
        image_id = uuid4()
        self.media[session_id, image_id] = self._found(ref, key)
        return image_id

    def _found(self, ref: MediaRef, key: bytes) -> MediaFound:
        return MediaFound(media=ref, private=seal(self.keyring.transport, key, ref.media_id))

    async def _answer(self, message: Msg) -> None:
        query = codec.decode_query(message.data)
        self.asked.append(query)
        answer = self._look_up(query)
        await self.answering.wait()
        await message.respond(codec.encode(answer))

    def _look_up(self, query: Any) -> Answer:
        match query:
            case AskHistory(session_id=session_id):
                entries = tuple(self.entries.get(session_id, []))
                return History(entries=entries, workflows=(builders.SPEC,), simulated=self.simulated)
            case AskMedia(session_id=session_id, image_id=image_id):
                return self.media.get((session_id, image_id), NotFound())
            case _:
                raise AssertionError(query)

    async def _take(self, message: Msg) -> None:
        self.heard.append(codec.decode_inbox(message.data).body)

"""The orchestrator as the Telegram channel sees it: takes commands, answers queries, publishes entries."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from msgspec.structs import replace
from nats.aio.msg import Msg

from schemas import codec, ids, subjects
from schemas.commands import RepeatJob, RequestRender, SessionRef
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
from tests.botapi.pictures import image_bytes
from tests.servers import eventually

C = TypeVar("C")

_INBOX = Source(stream=subjects.INBOX, durable="orchestrator", subject="inbox.>", workers=1)


class Studio:
    """
    Remembers every command, and shows what a test tells it to.

    A message id is heard once, as the real inbox does.
    """

    def __init__(self, bus: Bus, keyring: Keyring) -> None:
        self.bus = bus
        self.store = MediaStore(bus)
        self.heard: list[Any] = []
        self._keyring = keyring
        self._seen: set[UUID] = set()
        self._found: dict[UUID, MediaFound] = {}
        self._stopping = asyncio.Event()
        self._consuming: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, url: str, keyring: Keyring) -> Studio:
        """Connect, declare the streams, begin to listen."""
        studio = cls(await bus_module.connect(url, "orchestrator"), keyring)
        await streams.declare(studio.bus, replicas=1)
        await studio.bus.subscribe(subjects.query("channel"), studio._answer)
        studio._consuming = asyncio.create_task(consume(studio.bus, _INBOX, studio._take, studio._stopping))
        return studio

    async def stop(self) -> None:
        """Finish and disconnect."""
        self._stopping.set()
        if self._consuming is not None:
            await self._consuming
        await self.bus.close()

    def all(self, kind: type[C]) -> list[C]:
        """The commands of one kind so far."""
        return [command for command in self.heard if isinstance(command, kind)]

    async def next(self, kind: type[C], count: int = 1, *, timeout_s: float = 20.0) -> C:
        """The *count*-th command of a kind, once it is there."""

        async def found() -> list[C]:
            return self.all(kind) if len(self.all(kind)) >= count else []

        return (await eventually(found, timeout_s=timeout_s))[count - 1]

    def secrets(self, command: RequestRender | RepeatJob) -> RequestSecrets:
        """What came sealed with a command for a job."""
        return self.opened(command.private, command.job_id)

    def opened(self, box: bytes, entry_id: UUID) -> RequestSecrets:
        """What came sealed with any command."""
        return unseal_struct(self._keyring.transport, box, entry_id, RequestSecrets)

    def entry(self, command: Any, **changed: Any) -> Entry:
        """An entry for a command, as it was asked."""
        entry_id = getattr(command, "job_id", None) or command.entry_id
        asked = self.opened(command.private, entry_id)
        ref: SessionRef = command.session
        chat = unseal_struct(self._keyring.transport, ref.private, ref.session_id, Address)
        secrets = EntrySecrets(
            said=asked.words.said, chat=chat, asked_in=asked.asked_in, shown_in=MessageAddress()
        )
        given: dict[str, Any] = {
            "status": "queued",
            "version": 1,
            "at": datetime.now(UTC),
            "command": getattr(command, "command", ""),
            "params": replace(getattr(command, "params", builders.PARAMS), seed=7),
            "attempt": 1,
            "private": seal_struct(self._keyring.transport, secrets, entry_id),
        }
        return Entry(entry_id=entry_id, session_id=ref.session_id, **{**given, **changed})

    async def show(self, entry: Entry) -> None:
        """Publish an entry, as the relay does."""
        message_id = ids.message_id("entry", uuid4())
        await self.bus.publish(subjects.reply("telegram", entry.session_id), entry, message_id)

    async def progress(self, entry: Entry, percent: float) -> None:
        """Say how far a job is, as the renderer does."""
        note = Progress(
            job_id=entry.entry_id,
            attempt=1,
            stage="rendering",
            node="Sampler",
            step=3,
            steps=4,
            percent=percent,
        )
        await self.bus.tell(subjects.progress("telegram", entry.session_id, entry.entry_id), note)

    async def picture(self, colour: str = "teal", **more: Any) -> Picture:
        """A picture in the media store, which queries find."""
        data = more.pop("data", None) or image_bytes((640, 480), colour)
        measured = Measured(**{"mime": "image/png", "width_px": 640, "height_px": 480, **more})
        ref, key = await self.store.put(data, measured)
        image_id = uuid4()
        self._found[image_id] = MediaFound(
            media=ref, private=seal(self._keyring.transport, key, ref.media_id)
        )
        return Picture(image_id=image_id, media=ref)

    async def _take(self, message: Msg) -> None:
        said = codec.decode_inbox(message.data)
        if said.message_id not in self._seen:
            self._seen.add(said.message_id)
            self.heard.append(said.body)

    async def _answer(self, message: Msg) -> None:
        await message.respond(codec.encode(self._look_up(codec.decode_query(message.data))))

    def _look_up(self, query: Any) -> Answer:
        match query:
            case AskHistory():
                return History(entries=(), workflows=(builders.SPEC, builders.EDIT_SPEC), simulated=False)
            case AskMedia(image_id=image_id):
                return self._found.get(image_id, NotFound())
            case _:
                raise AssertionError(query)

"""What was understood, made a command of and put where it can't get lost."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from msgspec import Struct

from schemas import ids, subjects
from schemas.commands import (
    Ask,
    CancelJob,
    Channel,
    Command,
    ImportImage,
    RepeatJob,
    RequestRender,
    SelectImage,
    SessionRef,
)
from schemas.media import MediaRef
from schemas.private import Address, MessageAddress, RequestSecrets, Words
from services.common.bus import Bus
from services.common.keys import Keyring
from services.common.media import MediaStore
from services.common.pseudonym import pseudonym
from services.common.seal import seal_struct
from services.ingress.intent import Cancel, Import, Intent, Question, Render, Repeat, Say, Select
from services.ingress.parse import printable
from services.ingress.picture_file import PictureFile

Upload = tuple[MediaRef, bytes]
"""A picture in the media store, and the key that opens it."""


class Speaker(Struct, frozen=True, kw_only=True):
    """
    Who speaks, and where.

    Attributes:
        channel: Over which ingress.
        chat: The channel's own name of the chat; it never leaves this process but as a pseudonym.
        person: The channel's own name of the person, likewise.
        address: Where answers go.
    """

    channel: Channel
    chat: str
    person: str
    address: Address


def session_id(keyring: Keyring, speaker: Speaker) -> UUID:
    """The pseudonym of the chat: its session."""
    return pseudonym(keyring.pseudonym, "session", speaker.channel, speaker.chat, speaker.address.thread_id)


class Submitter:
    """Publishes commands, each named by its session and request: submitting twice is submitting once."""

    def __init__(self, bus: Bus, keyring: Keyring, media: MediaStore) -> None:
        self._bus = bus
        self._keyring = keyring
        self._media = media

    async def keep(self, picture: PictureFile) -> Upload:
        """Put a clean picture into the media store, for a command to refer to; raises ``BusDownError``."""
        return await self._media.put(picture.data, picture.measured)

    def session_ref(self, speaker: Speaker) -> SessionRef:
        """Who and where, as pseudonyms."""
        here = session_id(self._keyring, speaker)
        return SessionRef(
            session_id=here,
            person_id=pseudonym(self._keyring.pseudonym, "person", speaker.channel, speaker.person),
            channel=speaker.channel,
            private=seal_struct(self._keyring.transport, speaker.address, here),
        )

    async def submit(
        self,
        intent: Intent,
        speaker: Speaker,
        request: str,
        *,
        uploads: list[Upload],
        asked_in: MessageAddress,
        said: str,
    ) -> UUID | Say:
        """
        Hand *intent* to the orchestrator.

        Args:
            intent: As understood.
            speaker: Who said it, and where.
            request: The channel's name of this message; the same name is the same command.
            uploads: Pictures that came with it, in order.
            asked_in: The message to answer.
            said: As typed.

        Returns:
            The id of the entry that will show what comes of it, once JetStream has the command;
            or the ``Say`` that *intent* was.

        Raises:
            BusDownError: JetStream may or may not have it; submitting it again is safe.
        """
        if isinstance(intent, Say):
            return intent
        ref = self.session_ref(speaker)
        command, entry = self._command(
            intent, ref, request, uploads=uploads, asked_in=asked_in, said=printable(said)
        )
        await self._bus.publish(
            subjects.inbox_command(ref.session_id),
            command,
            ids.message_id("command", ref.session_id, request),
        )
        return entry

    def _command(
        self,
        intent: Render | Import | Repeat | Select | Cancel | Question,
        ref: SessionRef,
        request: str,
        *,
        uploads: list[Upload],
        asked_in: MessageAddress,
        said: str,
    ) -> tuple[Command, UUID]:
        job = ids.job_id(ref.session_id, request)
        entry = ids.entry_id(ref.session_id, request)
        media = tuple(upload for upload, _ in uploads)

        def secrets(belongs_to: UUID, words: Words | None = None) -> bytes:
            private = RequestSecrets(
                words=words or Words(said=said, prompt=""),
                asked_in=asked_in,
                upload_keys={upload.media_id: key for upload, key in uploads},
            )
            return seal_struct(self._keyring.transport, private, belongs_to)

        match intent:
            case Render():
                asked = RequestRender(
                    session=ref,
                    job_id=job,
                    command=intent.command,
                    params=intent.params,
                    target=intent.target,
                    uploads=media,
                    private=secrets(job, intent.words),
                )
                return asked, job
            case Repeat():
                return RepeatJob(
                    session=ref, job_id=job, target=intent.target, vary=intent.vary, private=secrets(job)
                ), job
            case Import():
                return ImportImage(
                    session=ref, entry_id=entry, upload=media[0], private=secrets(entry)
                ), entry
            case Select():
                return SelectImage(
                    session=ref, entry_id=entry, target=intent.target, private=secrets(entry)
                ), entry
            case Cancel():
                return CancelJob(
                    session=ref, entry_id=entry, target=intent.target, private=secrets(entry)
                ), entry
            case Question():
                return Ask(session=ref, entry_id=entry, topic=intent.topic, private=secrets(entry)), entry
            case _:
                assert_never(intent)

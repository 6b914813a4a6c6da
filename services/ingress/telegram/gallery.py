"""The bytes of a session's pictures, for showing them."""

from __future__ import annotations

from uuid import UUID

from schemas import codec, subjects
from schemas.queries import AskMedia, MediaFound
from services.common.bus import Bus
from services.common.keys import Keyring
from services.common.media import MediaMissingError, MediaStore
from services.common.seal import unseal


class Gallery:
    """Asks the orchestrator for keys, and the media store for bytes."""

    def __init__(self, bus: Bus, keyring: Keyring, media: MediaStore) -> None:
        self._bus = bus
        self._keyring = keyring
        self._media = media

    async def open(self, session_id: UUID, image_id: UUID) -> bytes:
        """
        The picture's bytes.

        Raises:
            MediaMissingError: There is no such picture in this session, or the store has lost it.
            UnsealError: The store has something else.
            BusDownError: No answer.
        """
        question = AskMedia(session_id=session_id, image_id=image_id)
        answer = codec.decode_answer(await self._bus.request(subjects.query("channel"), question))
        if not isinstance(answer, MediaFound):
            raise MediaMissingError(str(image_id))
        key = unseal(self._keyring.transport, answer.private, answer.media.media_id)
        return await self._media.get(answer.media, key)

"""The pictures of a session, for showing them: the orchestrator has the keys, the media store the bytes."""

from __future__ import annotations

from uuid import UUID

from schemas.queries import AskMedia, MediaFound
from services.common.bus import Bus
from services.common.keys import Keyring
from services.common.media import MediaMissingError, MediaStore
from services.common.seal import unseal
from services.ingress.questions import ask


class Gallery:
    """Finds pictures and opens them. Every method raises ``BusDownError`` when there is no answer."""

    def __init__(self, bus: Bus, keyring: Keyring, media: MediaStore) -> None:
        self._bus = bus
        self._keyring = keyring
        self._media = media

    async def find(self, session_id: UUID, image_id: UUID, *, poster: bool = False) -> MediaFound | None:
        """
        Where a medium lies, or its poster.

        Nothing when this session has no such medium, whoever else may have it, or it has no poster.
        """
        answer = await ask(self._bus, AskMedia(session_id=session_id, image_id=image_id, poster=poster))
        return answer if isinstance(answer, MediaFound) else None

    async def fetch(self, found: MediaFound) -> bytes:
        """
        The bytes of a picture that was found.

        Raises:
            MediaMissingError: The store has lost it.
            UnsealError: The store has something else, or the key is not its own.
        """
        key = unseal(self._keyring.transport, found.private, found.media.media_id)
        return await self._media.get(found.media, key)

    async def open(self, session_id: UUID, image_id: UUID, *, poster: bool = False) -> bytes:
        """The bytes of a session's medium; raises as ``fetch`` does, also when there is no such medium."""
        found = await self.find(session_id, image_id, poster=poster)
        if found is None:
            raise MediaMissingError(str(image_id))
        return await self.fetch(found)

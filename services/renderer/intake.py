"""Pictures to edit: out of the media store, without metadata, into the backend's input folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from schemas.media import MediaRef
from services.common.media import MediaStore
from services.renderer.cleaning import cleaned_aside
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.patience import until_answered
from services.renderer.errors import AttemptFailedError
from services.renderer.metadata import Clean, UnreadableMediaError
from services.renderer.shelf import Shelf

_ASK_FIRST_BYTES = 64 * 1024
"""A smaller picture is sent sooner than it is asked for."""

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


async def fetched(media: MediaStore, refs: Sequence[MediaRef], keys: Mapping[UUID, bytes]) -> list[Clean]:
    """
    The pictures, in order.

    Raises:
        AttemptFailedError: A key is missing (``media-missing``), or what a key opens is no picture
            (``bad-input-image``): found here, it costs the backend nothing.
        MediaMissingError, UnsealError, BusDownError: As ``MediaStore.get``.
    """
    pictures: list[Clean] = []
    for ref in refs:
        key = keys.get(ref.media_id)
        if key is None:
            raise AttemptFailedError("media-missing", retryable=False)
        plain = await media.get(ref, key)
        try:
            picture = await cleaned_aside(plain)
        except UnreadableMediaError as exc:
            raise AttemptFailedError("bad-input-image", retryable=False) from exc
        if picture.mime not in _ENDINGS:
            raise AttemptFailedError("bad-input-image", retryable=False)
        pictures.append(picture)
    return pictures


class Uploads:
    """
    One attempt's pictures on their way onto a backend, named by their content.

    Args:
        comfyui: The backend.
        shelf: What lies there as far as this process knows.
        pictures: In order.
        patience_s: How long the backend may be out of reach.
    """

    def __init__(self, comfyui: ComfyUI, shelf: Shelf, pictures: Sequence[Clean], patience_s: float) -> None:
        self._sent = 0
        self._comfyui = comfyui
        self._shelf = shelf
        self._pictures = pictures
        self._patience_s = patience_s

    @property
    def sent_all(self) -> bool:
        """Whether every picture was sent just now: then none of them can be missing there."""
        return self._sent >= len(self._pictures)

    async def names(self) -> tuple[str, ...]:
        """
        Have every picture there; what is there already is not sent again.

        Returns:
            What nodes call them, in order.

        Raises:
            AttemptFailedError: A picture is larger than the backend takes.
            TunnelDownError, BackendDownError, UnexpectedAnswerError: Out of reach for the patience.
        """
        return tuple([await self._name(picture) for picture in self._pictures])

    async def names_anew(self) -> tuple[str, ...]:
        """The same, once a picture thought to be there proved to be gone: every one is sent."""
        self._shelf.clear()
        return tuple([await self._send(picture, _name_of(picture)) for picture in self._pictures])

    async def _name(self, picture: Clean) -> str:
        name = _name_of(picture)
        known = self._shelf.find(name)
        if known is not None:
            return known
        if len(picture.data) > _ASK_FIRST_BYTES and await self._is_there(name, len(picture.data)):
            self._shelf.add(name, name)
            return name
        return await self._send(picture, name)

    async def _is_there(self, name: str, size_bytes: int) -> bool:
        return await until_answered(lambda: self._comfyui.has_input(name, size_bytes), self._patience_s)

    async def _send(self, picture: Clean, name: str) -> str:
        # Sending again is safe: the same name with the same bytes is kept once.
        taken = await until_answered(
            lambda: self._comfyui.upload(name, picture.data, picture.mime), self._patience_s
        )
        self._sent += 1
        self._shelf.add(name, taken)
        return taken


def _name_of(picture: Clean) -> str:
    return f"darkroom-{hashlib.sha256(picture.data).hexdigest()}.{_ENDINGS[picture.mime]}"

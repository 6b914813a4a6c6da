"""``POST /say``: a message, and the pictures that come with it."""

from __future__ import annotations

import asyncio

from aiohttp import web

from schemas.commands import Target
from schemas.private import MessageAddress
from services.ingress.conversation import understand
from services.ingress.intent import Heard, Say
from services.ingress.picture_file import PictureFile, clean
from services.ingress.web.accepted import accepted
from services.ingress.web.ending import before_stopping
from services.ingress.web.form import Form, read_form
from services.ingress.web.in_hand import InHand
from services.ingress.web.problem import ProblemError, said_instead
from services.ingress.web.slots import Slots, UploadMemory
from services.ingress.web.studio import Door, Studio
from services.ingress.web.visitor import Visitor, Visitors

_UPLOADS_PER_SESSION = 4
_UPLOAD_MEMORY_BYTES = 256 * 1024 * 1024
# A picture takes far more memory while it is open than as a file.
_CLEANED_AT_ONCE = 2
_GRACE_S = 2.0


class Saying:
    """Takes messages; what it says yes to (202) is in JetStream."""

    def __init__(self, visitors: Visitors, door: Door, in_hand: InHand, stopping: asyncio.Event) -> None:
        self._visitors = visitors
        self._door = door
        self._in_hand = in_hand
        self._stopping = stopping
        self._slots = Slots(_UPLOADS_PER_SESSION, "too-many-uploads")
        self._memory = UploadMemory(_UPLOAD_MEMORY_BYTES)
        self._cleaning = asyncio.Semaphore(_CLEANED_AT_ONCE)

    async def handle(self, request: web.Request) -> web.Response:
        """Read, understand, clean, store, submit; the first that fails is the answer."""
        visitor = self._visitors.require(request)
        # Before the body is read: nobody should upload 60 MB to hear that it can't be kept.
        studio = self._door.enter()
        with self._in_hand.held(), self._slots.taken(visitor.session_id), self._memory.share() as take:
            form = await before_stopping(read_form(request, take), self._stopping, grace_s=_GRACE_S)
            return await self._submit(studio, visitor, form)

    async def _submit(self, studio: Studio, visitor: Visitor, form: Form) -> web.Response:
        heard = Heard(text=form.text, pictures=len(form.files), target=Target(image_id=form.reply_to))
        intent = understand(heard)
        if isinstance(intent, Say):
            raise said_instead(intent)
        pictures = [await self._clean(file) for file in form.files]
        outcome = await studio.submitter.submit(
            intent,
            visitor.speaker,
            str(form.request),
            uploads=[await studio.submitter.keep(picture) for picture in pictures],
            asked_in=MessageAddress(),
            said=form.text,
        )
        return accepted(outcome)

    async def _clean(self, file: bytes) -> PictureFile:
        if not file:
            raise ProblemError(400, "bad-image-file")
        async with self._cleaning:
            return await clean(file)

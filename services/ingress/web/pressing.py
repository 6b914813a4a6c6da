"""``POST /press``: a button under an entry."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec
from aiohttp import ClientPayloadError, web
from msgspec import Struct

from schemas.commands import Target
from schemas.private import MessageAddress
from services.ingress.conversation import pressed
from services.ingress.shown import Action
from services.ingress.web.accepted import accepted
from services.ingress.web.ending import before_stopping
from services.ingress.web.problem import ProblemError
from services.ingress.web.studio import Door
from services.ingress.web.visitor import Visitors

_READ_S = 30.0


class Press(Struct, frozen=True, kw_only=True):
    """
    A button was pressed.

    Attributes:
        id: The id the page gave this press: posted again, it is the same press.
        entry: The entry it stands under.
        action: What the button says.
        image: Id of the picture that is meant, when the entry has just one, or empty.
    """

    id: UUID
    entry: UUID
    action: Action
    image: str = ""

    def target(self) -> Target:
        """What it means; raises ``ValueError`` for an id that is none."""
        image = UUID(self.image) if self.image else None
        return Target(image_id=image) if image and self.action == "use" else Target(job_id=self.entry)


class Pressing:
    """
    Takes presses.

    Whose entry it is, is the orchestrator's to know: a press under another session's entry gets the same
    answer here as one under an entry that never was.
    """

    def __init__(self, visitors: Visitors, door: Door, stopping: asyncio.Event) -> None:
        self._visitors = visitors
        self._door = door
        self._stopping = stopping

    async def handle(self, request: web.Request) -> web.Response:
        """Submit what the button means; once this answers 202, JetStream has it."""
        visitor = self._visitors.require(request)
        studio = self._door.enter()
        press, target = await before_stopping(_read(request), self._stopping, grace_s=0)
        outcome = await studio.submitter.submit(
            pressed(press.action, target),
            visitor.speaker,
            str(press.id),
            uploads=[],
            asked_in=MessageAddress(),
            said=f"/{press.action}",
        )
        return accepted(outcome)


async def _read(request: web.Request) -> tuple[Press, Target]:
    if request.content_type != "application/json":
        raise ProblemError(415, "bad-request")
    try:
        async with asyncio.timeout(_READ_S):
            press = msgspec.json.decode(await request.read(), type=Press)
            return press, press.target()
    except TimeoutError as exc:
        raise ProblemError(408, "too-slow") from exc
    except (msgspec.MsgspecError, ValueError) as exc:
        raise ProblemError(400, "bad-request") from exc
    except (ClientPayloadError, ConnectionError) as exc:
        raise ProblemError(400, "upload-incomplete") from exc

"""Pictures that came of a command."""

from __future__ import annotations

from typing import Any

from schemas.replies import Picture
from tests.botapi.pictures import image_bytes
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator

SIZE_PX = (640, 480)


async def painted(orchestrator: FakeOrchestrator, command: Any, *colours: str) -> tuple[Picture, ...]:
    """A picture of each colour, in the media store, of the session that asked."""
    session_id = command.session.session_id
    return tuple([await orchestrator.keep(session_id, image_bytes(SIZE_PX, colour)) for colour in colours])

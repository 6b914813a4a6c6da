"""What the web chat needs to be of use, for ``/readyz``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from schemas.queries import AskHistory
from services.common import streams
from services.common.errors import RetryableError
from services.common.health import Check
from services.ingress.questions import ask
from services.ingress.web.studio import Door

_NOBODY = UUID(int=0)


def readiness(door: Door) -> dict[str, Check]:
    """The checks by name; without NATS the other two are not there either."""

    async def nats() -> None:
        door.enter()

    async def declared() -> None:
        await streams.require(door.enter().bus)

    async def orchestrator() -> None:
        await ask(door.enter().bus, AskHistory(session_id=_NOBODY, limit=1))

    return {"nats": _check(nats), "streams": _check(declared), "orchestrator": _check(orchestrator)}


def _check(look: Callable[[], Awaitable[None]]) -> Check:
    async def check() -> str:
        try:
            await look()
        except RetryableError as exc:
            return str(exc)
        return ""

    return check

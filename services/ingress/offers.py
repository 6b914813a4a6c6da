"""What can be asked for, as it changes: a workflow is imported, a machine comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

from msgspec import Struct

from schemas.catalogue import WorkflowSpec
from schemas.queries import AskHistory, History
from services.common.bus import Bus, BusDownError
from services.common.run import until
from services.ingress.questions import ask

_LOOK_EVERY_S = 5.0
_SOON_S = 1.0


class Offer(Struct, frozen=True, kw_only=True):
    """
    What can be asked for now.

    Attributes:
        workflows: What each command means, by command.
        able: Digests of those that some machine can do now.
        simulated: Pictures come from a simulator.
    """

    workflows: tuple[WorkflowSpec, ...]
    able: tuple[str, ...]
    simulated: bool


def offer_of(history: History) -> Offer:
    """What *history* says can be asked for."""
    return Offer(workflows=history.workflows, able=history.able, simulated=history.simulated)


async def offers(bus: Bus, nobody: UUID, stopping: asyncio.Event) -> AsyncGenerator[Offer]:
    """
    What can be asked for, and again whenever it is something else, until *stopping*.

    Args:
        bus: Where the orchestrator is asked; while it gives no answer nothing has changed.
        nobody: A session that nobody is in: no entries are wanted.
        stopping: Ends it.
    """
    known: Offer | None = None
    pause_s = 0.0
    while not await until(stopping, pause_s):
        pause_s = _SOON_S
        try:
            answer = await ask(bus, AskHistory(session_id=nobody, limit=1))
        except BusDownError:
            continue
        if isinstance(answer, History):
            pause_s = _LOOK_EVERY_S
            if (offer := offer_of(answer)) != known:
                known = offer
                yield offer

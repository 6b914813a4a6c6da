"""Questions to the orchestrator."""

from __future__ import annotations

from schemas import codec, subjects
from schemas.queries import Answer, Query
from services.common.bus import Bus


async def ask(bus: Bus, question: Query) -> Answer:
    """Ask, and wait for the answer; raises ``BusDownError`` when nobody gave one, which changed nothing."""
    return codec.decode_answer(await bus.request(subjects.query("channel"), question))

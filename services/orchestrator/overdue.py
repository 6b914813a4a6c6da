"""Whether a job has waited long enough, for any backend or for the one that it is with. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from services.orchestrator.ability import open_to, unable_since
from services.orchestrator.backend import Backend
from services.orchestrator.job import Status

RECLAIM_S = 60.0
"""After so long on a backend that is away an attempt is given up, if another backend can do it."""

Verdict = Literal["waits", "goes elsewhere", "ends"]


class Held(Struct, frozen=True, kw_only=True):
    """A job that has not ended; ``backend`` is empty in the queue, and ``queued_at`` when it came there."""

    job_id: UUID
    status: Status
    workflow: str
    backend: str
    queued_at: datetime


def verdict(held: Held, found: list[Backend], now: datetime, patience: timedelta) -> Verdict:
    """
    What is to become of a job.

    Args:
        held: The job.
        found: Every backend.
        now: The time.
        patience: How long it waits while no backend can do it.
    """
    if held.status == "queued":
        since = unable_since(found, held.workflow, now)
        return "ends" if since is not None and max(since, held.queued_at) <= now - patience else "waits"
    away = next((one.away_since for one in found if one.name == held.backend), None)
    if away is None or now - away < reclaim_after(patience):
        return "waits"
    if held.status == "cancelling":
        return "ends"
    if any(one.can(held.workflow) for one in open_to(found, now)):
        return "goes elsewhere"
    return "ends" if now - away >= patience else "waits"


def reclaim_after(patience: timedelta) -> timedelta:
    """How long a backend has to be away before anything is taken from it."""
    return min(timedelta(seconds=RECLAIM_S), patience)

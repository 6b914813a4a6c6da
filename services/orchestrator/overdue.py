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


def verdict(
    held: Held, found: list[Backend], now: datetime, patience: timedelta, since: datetime | None = None
) -> Verdict:
    """
    What is to become of a job.

    Args:
        held: The job.
        found: Every backend.
        now: The time.
        patience: How long it waits while no backend can do it.
        since: When the way to the backends last changed: what was waited for that does not count.
    """
    if held.status == "queued":
        unable = unable_since(found, held.workflow, now)
        if unable is None:
            return "waits"
        return "ends" if max(unable, held.queued_at, since or unable) <= now - patience else "waits"
    where = next((one for one in found if one.name == held.backend), None)
    if where is not None and where.is_cut_off and held.status != "cancelling":
        return "waits"  # it may well go on there, and its picture comes when the tunnel is back
    away = where.away_since if where is not None else None
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

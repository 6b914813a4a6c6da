"""Whose turn it is, in the database: the queue as it stands, and dispatching what there is room for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from schemas.events.job import JobDispatched
from services.common.db import Connection
from services.orchestrator import job, lookup
from services.orchestrator.job import IN_FLIGHT, Job
from services.orchestrator.ledger import Ledger
from services.orchestrator.mark import Append
from services.orchestrator.schedule import Slots, Waiting, in_turn, schedule

SLOTS = 2  # one runs, and the next one's inputs cross the tunnel meanwhile


class Place(Struct, frozen=True, kw_only=True):
    """An unfinished job's place in line, 0 once it is with a backend; expected seconds, 0 if unknown."""

    job_id: UUID
    job: Job
    position: int
    eta_s: float


async def standing(conn: Connection, now: datetime) -> list[Place]:
    """Every unfinished job: first those with a backend, then the queue in the order it will be served."""
    unfinished = await lookup.open_jobs(conn)
    by_id = dict(unfinished)
    waiting = _waiting(unfinished, now)
    served = await lookup.served(conn, [job.person_id for job in waiting])
    line = [(job_id, 0) for job_id, job in unfinished if job.status in IN_FLIGHT]
    line += [(job.job_id, place) for place, job in enumerate(in_turn(waiting, served), start=1)]
    seconds = {w: await lookup.render_seconds(conn, w) for w in {j.requested.workflow for _, j in unfinished}}
    lanes = max(1, sum(backend.report.reachable for backend in await lookup.backends(conn)))
    places: list[Place] = []
    ahead_s: float | None = 0.0
    for job_id, position in line:
        takes_s = seconds[by_id[job_id].requested.workflow]
        ahead_s = None if ahead_s is None or takes_s is None else ahead_s + takes_s / lanes
        places.append(Place(job_id=job_id, job=by_id[job_id], position=position, eta_s=ahead_s or 0.0))
    return places


async def dispatch(ledger: Ledger) -> None:
    """Record a dispatch for every job that there is room for now."""
    unfinished = await lookup.open_jobs(ledger.conn)
    waiting = _waiting(unfinished, ledger.at)
    if not any(job.ready for job in waiting):
        return
    busy = [found.backend for _, found in unfinished if found.status in IN_FLIGHT]
    slots = [
        Slots(
            backend=backend.report.backend,
            free=SLOTS - busy.count(backend.report.backend),
            workflows=frozenset(digest for digest, lacks in backend.report.lacks.items() if not lacks),
        )
        for backend in await lookup.backends(ledger.conn)
        if backend.report.reachable
    ]
    served = await lookup.served(ledger.conn, [waiter.person_id for waiter in waiting])
    by_id = dict(unfinished)
    for assigned in schedule(waiting, served, slots):
        attempt = by_id[assigned.job_id].attempt + 1
        dispatched = JobDispatched(attempt=attempt, backend=assigned.backend)
        await ledger.record([Append(stream=job.stream(assigned.job_id), event=dispatched)])


def _waiting(unfinished: list[tuple[UUID, Job]], now: datetime) -> list[Waiting]:
    return [
        Waiting(
            job_id=job_id,
            person_id=found.requested.person_id,
            position=found.position,
            workflow=found.requested.workflow,
            ready=found.not_before is None or found.not_before <= now,
        )
        for job_id, found in unfinished
        if found.status == "queued"
    ]

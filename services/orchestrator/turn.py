"""Whose turn it is, in the database: the queue as it stands, and dispatching what there is room for."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from schemas.events.job import JobDispatched
from services.common.db import Connection
from services.orchestrator import job, line
from services.orchestrator.job import Job, Status
from services.orchestrator.ledger import Ledger
from services.orchestrator.lookup import backends, render_seconds
from services.orchestrator.mark import Append
from services.orchestrator.schedule import Slots, in_turn, schedule

SLOTS = 2  # one runs, and the next one's inputs cross the tunnel meanwhile


class Place(Struct, frozen=True, kw_only=True):
    """An unfinished job's place in line, 0 once it is with a backend; expected seconds, 0 if unknown."""

    job_id: UUID
    session_id: UUID
    status: Status
    position: int
    eta_s: float


async def standing(conn: Connection) -> list[Place]:
    """Every unfinished job: first those with a backend, then the queue in the order it will be served."""
    unfinished = await line.unfinished(conn)
    waiting = [one.waiting for one in unfinished if one.status == "queued"]
    served = await line.served(conn, {one.person_id for one in waiting})
    by_id = {one.waiting.job_id: one for one in unfinished}
    ordered = [(one.waiting.job_id, 0) for one in unfinished if one.status != "queued"]
    ordered += [(one.job_id, place) for place, one in enumerate(in_turn(waiting, served), start=1)]
    seconds = {w: await render_seconds(conn, w) for w in {one.waiting.workflow for one in unfinished}}
    lanes = max(1, sum(backend.report.reachable for backend in await backends(conn)))
    places: list[Place] = []
    ahead_s: float | None = 0.0
    for job_id, position in ordered:
        one = by_id[job_id]
        takes_s = seconds[one.waiting.workflow]
        ahead_s = None if ahead_s is None or takes_s is None else ahead_s + takes_s / lanes
        places.append(
            Place(
                job_id=job_id,
                session_id=one.session_id,
                status=one.status,
                position=position,
                eta_s=ahead_s or 0.0,
            )
        )
    return places


async def dispatch(ledger: Ledger) -> bool:
    """Record a dispatch for every job that there is room for now; whether there was one."""
    slots = await _free_slots(ledger.conn)
    if not slots:
        return False
    workflows = frozenset[str]().union(*(one.workflows for one in slots))
    waiting = await line.ready(ledger.conn, workflows, ledger.at)
    served = await line.served(ledger.conn, {one.person_id for one in waiting})
    assignments = schedule(waiting, served, slots)
    for assigned in assignments:
        stream = job.stream(assigned.job_id)
        now = await ledger.state(Job, stream)
        if now is None:
            raise ValueError(f"{stream} waits, but was never requested")
        dispatched = JobDispatched(attempt=now.attempt + 1, backend=assigned.backend)
        await ledger.record([Append(stream=stream, event=dispatched)])
    return bool(assignments)


async def _free_slots(conn: Connection) -> list[Slots]:
    busy = await line.in_flight(conn)
    return [
        Slots(
            backend=report.backend,
            free=SLOTS - busy.get(report.backend, 0),
            workflows=frozenset(digest for digest, lacks in report.lacks.items() if not lacks),
        )
        for report in (backend.report for backend in await backends(conn))
        if report.reachable and busy.get(report.backend, 0) < SLOTS
    ]

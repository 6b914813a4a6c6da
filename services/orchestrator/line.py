"""
The jobs that have not ended, as rows without their states.

Read at nearly every message: its cost may grow with the queue, but not with what was ever asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from services.common.db import Connection
from services.orchestrator.fairness import LOOK_AHEAD, Served, Turns, Waiting
from services.orchestrator.job import Status
from services.orchestrator.overdue import Held

_COLUMNS = "id, session_id, person_id, status, requested_at, workflow, failed_on, queued_at, backend"
_OPEN = "status IN ('queued', 'dispatched', 'running', 'cancelling')"

_UNFINISHED = f"SELECT {_COLUMNS} FROM projection.job WHERE {_OPEN} ORDER BY requested_at"  # noqa: S608
_READY = f"""
SELECT {_COLUMNS} FROM projection.job
WHERE status = 'queued' AND workflow = ANY($1) AND (not_before IS NULL OR not_before <= $2)
ORDER BY requested_at
"""  # noqa: S608
# A backend runs one at a time: once the next one runs, the one before is only being handed over.
_IN_FLIGHT = """
SELECT backend, count(*) - (count(*) FILTER (WHERE status = 'running') > 1)::int AS jobs FROM projection.job
WHERE status IN ('dispatched', 'running', 'cancelling') GROUP BY backend
"""
_RUNNING = """
SELECT person_id, count(*) AS jobs FROM projection.job
WHERE status IN ('dispatched', 'running', 'cancelling') GROUP BY person_id
"""
# A step or two into an index for each person, however much they had before.
_SERVED = """
SELECT person.id, recent.dispatched_at, recent.dispatched_before
FROM unnest($1::text[]) AS person (id) CROSS JOIN LATERAL (
    SELECT dispatched_at, dispatched_before FROM projection.job
    WHERE job.person_id = person.id AND dispatched_at IS NOT NULL ORDER BY dispatched_at DESC LIMIT 2
) AS recent
"""
_ASKED = """
SELECT requested_at FROM projection.job WHERE dispatched_at IS NOT NULL ORDER BY requested_at DESC LIMIT $1
"""
_WORKFLOWS = "SELECT DISTINCT workflow FROM projection.job WHERE status = 'queued'"
_QUEUED_BEFORE = f"""
SELECT {_COLUMNS} FROM projection.job
WHERE status = 'queued' AND workflow = ANY($1) AND queued_at <= $2 ORDER BY requested_at LIMIT $3
"""  # noqa: S608
_WITH_BACKENDS = f"""
SELECT {_COLUMNS} FROM projection.job
WHERE status IN ('dispatched', 'running', 'cancelling') AND backend = ANY($1) ORDER BY requested_at
"""  # noqa: S608
_ANY_QUEUED = "SELECT EXISTS (SELECT FROM projection.job WHERE status = 'queued')"


class Unfinished(Struct, frozen=True, kw_only=True):
    """A job in line or in flight, by its backend then; ``waiting`` is how the schedule sees it."""

    waiting: Waiting
    session_id: UUID
    status: Status
    backend: str


async def unfinished(conn: Connection) -> list[Unfinished]:
    """Every job that has not ended, oldest first."""
    return [
        Unfinished(
            waiting=_waiting(row),
            session_id=UUID(row["session_id"]),
            status=row["status"],
            backend=row["backend"],
        )
        for row in await conn.fetch(_UNFINISHED)
    ]


async def ready(conn: Connection, workflows: Collection[str], now: datetime) -> list[Waiting]:
    """Jobs that could go to a backend now, if it can do one of *workflows*; oldest first."""
    return [_waiting(row) for row in await conn.fetch(_READY, list(workflows), now)]


async def in_flight(conn: Connection) -> dict[str, int]:
    """By backend, how many jobs take up room on it: one that is only being handed over does not."""
    return {row["backend"]: row["jobs"] for row in await conn.fetch(_IN_FLIGHT)}


async def running(conn: Connection) -> dict[UUID, int]:
    """By person, how many of their jobs are with backends."""
    return {UUID(row["person_id"]): row["jobs"] for row in await conn.fetch(_RUNNING)}


async def turns(conn: Connection, queue: Sequence[Waiting]) -> Turns:
    """Whose turn it is among *queue*, by what was dispatched before."""
    persons = {str(job.person_id) for job in queue}
    positions: dict[UUID, set[int]] = {}
    for row in await conn.fetch(_SERVED, list(persons)):
        # The turn before the last may have been the same job's, when that was tried again.
        these = {row["dispatched_at"], row["dispatched_before"] or 0}
        positions.setdefault(UUID(row["id"]), {0}).update(these)
    served = {person: Served(last=max(all_), before=sorted(all_)[-2]) for person, all_ in positions.items()}
    asked = [row["requested_at"] for row in await conn.fetch(_ASKED, LOOK_AHEAD)]
    return Turns(queue, served, asked)


async def queued_workflows(conn: Connection) -> list[str]:
    """Workflows of the jobs that wait for a backend."""
    return [row["workflow"] for row in await conn.fetch(_WORKFLOWS)]


async def queued_before(
    conn: Connection, workflows: Collection[str], moment: datetime, *, limit: int
) -> list[Held]:
    """Jobs of some workflows that have been in the queue since *moment* or longer, oldest first."""
    return [_held(row) for row in await conn.fetch(_QUEUED_BEFORE, list(workflows), moment, limit)]


async def with_backends(conn: Connection, names: Collection[str]) -> list[Held]:
    """Jobs that are with some backends, oldest first."""
    return [_held(row) for row in await conn.fetch(_WITH_BACKENDS, list(names))]


async def any_queued(conn: Connection) -> bool:
    """Whether a job waits for a backend."""
    return bool(await conn.fetchval(_ANY_QUEUED))


def _waiting(row: Any) -> Waiting:
    return Waiting(
        job_id=UUID(row["id"]),
        person_id=UUID(row["person_id"]),
        position=row["requested_at"],
        workflow=row["workflow"],
        failed_on=frozenset(row["failed_on"]),
    )


def _held(row: Any) -> Held:
    return Held(
        job_id=UUID(row["id"]),
        status=row["status"],
        workflow=row["workflow"],
        backend=row["backend"],
        queued_at=row["queued_at"],
    )

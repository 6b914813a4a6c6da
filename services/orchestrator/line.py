"""
Jobs in line and in flight, and who was served when, as rows without their states.

What is read here may cost more with a longer queue, but not with more that was ever asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.common.db import Connection
from services.orchestrator.fairness import LOOK_AHEAD, Served, Turns, Waiting
from services.orchestrator.overdue import Held
from services.orchestrator.unfinished import Unfinished

_COLUMNS = (
    "id, session_id, person_id, status, requested_at, workflow, failed_on, not_before, queued_at, backend"
)
_OPEN = "status IN ('queued', 'dispatched', 'running', 'cancelling')"

_UNFINISHED = f"SELECT {_COLUMNS} FROM projection.job WHERE {_OPEN}"  # noqa: S608
_SOME_UNFINISHED = f"{_UNFINISHED} AND id = ANY($1)"
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


async def unfinished(conn: Connection, ids: Collection[str] | None = None) -> dict[UUID, Unfinished]:
    """Every job that has not ended, or those of some jobs."""
    if ids is None:
        rows = await conn.fetch(_UNFINISHED)
    else:
        rows = await conn.fetch(_SOME_UNFINISHED, list(ids))
    return {UUID(row["id"]): _unfinished(row) for row in rows}


async def turns(conn: Connection, queue: Sequence[Waiting]) -> Turns:
    """Whose turn it is among *queue*, by what was dispatched before."""
    if len(queue) <= 1:
        return Turns(queue, {})  # one alone has no others to wait for
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


def _unfinished(row: Any) -> Unfinished:
    waiting = Waiting(
        job_id=UUID(row["id"]),
        person_id=UUID(row["person_id"]),
        position=row["requested_at"],
        workflow=row["workflow"],
        failed_on=frozenset(row["failed_on"]),
    )
    return Unfinished(
        waiting=waiting,
        session_id=UUID(row["session_id"]),
        status=row["status"],
        backend=row["backend"],
        not_before=row["not_before"],
    )


def _held(row: Any) -> Held:
    return Held(
        job_id=UUID(row["id"]),
        status=row["status"],
        workflow=row["workflow"],
        backend=row["backend"],
        queued_at=row["queued_at"],
    )

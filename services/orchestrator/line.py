"""
The jobs that have not ended, as rows without their states.

Read at nearly every message: its cost may grow with the queue, but not with what was ever asked.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from services.common.db import Connection
from services.orchestrator.job import Status
from services.orchestrator.schedule import Waiting

_COLUMNS = "id, session_id, person_id, status, requested_at, workflow"
_OPEN = "status IN ('queued', 'dispatched', 'running', 'cancelling')"

_UNFINISHED = f"SELECT {_COLUMNS} FROM projection.job WHERE {_OPEN} ORDER BY requested_at"  # noqa: S608
_READY = f"""
SELECT {_COLUMNS} FROM projection.job
WHERE status = 'queued' AND workflow = ANY($1) AND (not_before IS NULL OR not_before <= $2)
ORDER BY requested_at
"""  # noqa: S608
_IN_FLIGHT = """
SELECT backend, count(*) AS jobs FROM projection.job
WHERE status IN ('dispatched', 'running', 'cancelling') GROUP BY backend
"""
# One step into an index for each person, however much they had before.
_SERVED = """
SELECT person_id, (
    SELECT job.dispatched_at FROM projection.job
    WHERE job.person_id = person.person_id AND job.dispatched_at IS NOT NULL
    ORDER BY job.dispatched_at DESC LIMIT 1
) AS at FROM unnest($1::text[]) AS person (person_id)
"""
_ANY_QUEUED = "SELECT EXISTS (SELECT FROM projection.job WHERE status = 'queued')"


class Unfinished(Struct, frozen=True, kw_only=True):
    """A job in line or in flight; ``waiting`` is how the schedule sees it."""

    waiting: Waiting
    session_id: UUID
    status: Status


async def unfinished(conn: Connection) -> list[Unfinished]:
    """Every job that has not ended, oldest first."""
    return [
        Unfinished(waiting=_waiting(row), session_id=UUID(row["session_id"]), status=row["status"])
        for row in await conn.fetch(_UNFINISHED)
    ]


async def ready(conn: Connection, workflows: Collection[str], now: datetime) -> list[Waiting]:
    """Jobs that could go to a backend now, if it can do one of *workflows*; oldest first."""
    return [_waiting(row) for row in await conn.fetch(_READY, list(workflows), now)]


async def in_flight(conn: Connection) -> dict[str, int]:
    """By backend, how many jobs are with it."""
    return {row["backend"]: row["jobs"] for row in await conn.fetch(_IN_FLIGHT)}


async def served(conn: Connection, persons: Collection[UUID]) -> dict[UUID, int]:
    """By person, the log position of the last dispatch of a job of theirs; without those who had none."""
    rows = await conn.fetch(_SERVED, [str(person) for person in persons])
    return {UUID(row["person_id"]): row["at"] for row in rows if row["at"] is not None}


async def any_queued(conn: Connection) -> bool:
    """Whether a job waits for a backend."""
    return bool(await conn.fetchval(_ANY_QUEUED))


def _waiting(row: Any) -> Waiting:
    return Waiting(
        job_id=UUID(row["id"]),
        person_id=UUID(row["person_id"]),
        position=row["requested_at"],
        workflow=row["workflow"],
    )

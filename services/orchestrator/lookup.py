"""Lookups in the projections that are not by id. Every one that a channel asks is scoped by session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.common.db import Connection
from services.orchestrator import tables
from services.orchestrator.answer import Answer
from services.orchestrator.catalogue import Backend, Workflow
from services.orchestrator.image import Image
from services.orchestrator.job import Job

_OPEN = "status IN ('queued', 'dispatched', 'running', 'cancelling')"


async def job_of_message(conn: Connection, session_id: UUID, message_ref: UUID) -> UUID | None:
    """The job that a message of this session shows."""
    found = await conn.fetchval(
        "SELECT id FROM projection.job WHERE message_ref = $1 AND session_id = $2",
        str(message_ref),
        str(session_id),
    )
    return None if found is None else UUID(found)


async def newest_job(conn: Connection, session_id: UUID) -> UUID | None:
    """The job asked last in this session."""
    found = await conn.fetchval(
        "SELECT id FROM projection.job WHERE session_id = $1 ORDER BY requested_at DESC LIMIT 1",
        str(session_id),
    )
    return None if found is None else UUID(found)


async def newest_open_job(conn: Connection, session_id: UUID, person_id: UUID) -> UUID | None:
    """The job that a person asked last in this session and that has not ended."""
    found = await conn.fetchval(
        f"SELECT id FROM projection.job WHERE session_id = $1 AND person_id = $2 AND {_OPEN} "  # noqa: S608
        "ORDER BY requested_at DESC LIMIT 1",
        str(session_id),
        str(person_id),
    )
    return None if found is None else UUID(found)


async def count_open(conn: Connection, column: str, id_: UUID) -> int:
    """How many jobs of a person or a session (``column``) have not ended."""
    if column not in {"person_id", "session_id"}:
        raise ValueError(column)
    return int(
        await conn.fetchval(
            f"SELECT count(*) FROM projection.job WHERE {column} = $1 AND {_OPEN}",  # noqa: S608
            str(id_),
        )
    )


async def any_queued(conn: Connection) -> bool:
    """Whether a job waits for a backend."""
    return bool(
        await conn.fetchval(
            f"SELECT EXISTS (SELECT FROM projection.job WHERE {_OPEN} AND status = 'queued')"  # noqa: S608
        )
    )


async def open_jobs(conn: Connection) -> list[tuple[UUID, Job]]:
    """Every job that has not ended, oldest first."""
    rows = await conn.fetch(f"SELECT id, state FROM projection.job WHERE {_OPEN} ORDER BY requested_at")  # noqa: S608
    return _jobs(rows)


async def due_jobs(conn: Connection) -> list[tuple[UUID, Job]]:
    """Every job that ended without its person having seen it."""
    return _jobs(await conn.fetch("SELECT id, state FROM projection.job WHERE is_due ORDER BY requested_at"))


async def due_answers(conn: Connection) -> list[tuple[UUID, Answer]]:
    """Every answer that was not shown yet."""
    return _answers(
        await conn.fetch("SELECT id, state FROM projection.answer WHERE is_due ORDER BY given_at")
    )


async def newest_jobs(conn: Connection, session_id: UUID, limit: int) -> list[tuple[UUID, Job]]:
    """A session's newest jobs, newest first."""
    return _jobs(
        await conn.fetch(
            "SELECT id, state FROM projection.job WHERE session_id = $1 ORDER BY requested_at DESC LIMIT $2",
            str(session_id),
            limit,
        )
    )


async def newest_answers(conn: Connection, session_id: UUID, limit: int) -> list[tuple[UUID, Answer]]:
    """A session's newest answers, newest first."""
    return _answers(
        await conn.fetch(
            "SELECT id, state FROM projection.answer WHERE session_id = $1 ORDER BY given_at DESC LIMIT $2",
            str(session_id),
            limit,
        )
    )


async def images(conn: Connection, session_id: UUID) -> dict[UUID, Image]:
    """Every picture of a session, in the order of making."""
    rows = await conn.fetch(
        "SELECT id, state FROM projection.image WHERE session_id = $1 ORDER BY made_at", str(session_id)
    )
    return {UUID(row["id"]): tables.decode("image", row["state"]) for row in rows}


async def served(conn: Connection, persons: Sequence[UUID]) -> dict[UUID, int]:
    """By person, the log position of the last dispatch of a job of theirs."""
    rows = await conn.fetch(
        "SELECT person_id, max(dispatched_at) AS at FROM projection.job "
        "WHERE person_id = ANY($1) AND dispatched_at IS NOT NULL GROUP BY person_id",
        [str(person) for person in persons],
    )
    return {UUID(row["person_id"]): row["at"] for row in rows}


async def render_seconds(conn: Connection, workflow: str) -> float | None:
    """The median of the last 20 renders of a workflow, or nothing before the first."""
    return await conn.fetchval(
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY render_s) FROM ("
        "SELECT render_s FROM projection.job WHERE workflow = $1 AND render_s IS NOT NULL "
        "ORDER BY dispatched_at DESC LIMIT 20) AS recent",
        workflow,
    )


async def backends(conn: Connection) -> list[Backend]:
    """Every backend as it was last found, by name."""
    rows = await conn.fetch("SELECT state FROM projection.backend ORDER BY id")
    return [tables.decode("backend", row["state"]) for row in rows]


async def bound_workflows(conn: Connection) -> list[Workflow]:
    """The workflow of each command, by command."""
    rows = await conn.fetch(
        "SELECT w.state FROM projection.command c "
        "JOIN projection.workflow w ON w.id = c.state::jsonb ->> 'digest' ORDER BY c.id"
    )
    return [tables.decode("workflow", row["state"]) for row in rows]


def _jobs(rows: Sequence[Any]) -> list[tuple[UUID, Job]]:
    return [(UUID(row["id"]), tables.decode("job", row["state"])) for row in rows]


def _answers(rows: Sequence[Any]) -> list[tuple[UUID, Answer]]:
    return [(UUID(row["id"]), tables.decode("answer", row["state"])) for row in rows]

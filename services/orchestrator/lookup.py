"""Lookups in the projections that are not by id. Every one that a channel asks is scoped by session."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from schemas.catalogue import WorkflowSpec
from services.common.db import Connection
from services.orchestrator import tables
from services.orchestrator.answer import Answer
from services.orchestrator.backend import Backend
from services.orchestrator.egress import Egress
from services.orchestrator.image import Image
from services.orchestrator.job import Job, Status

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


async def stale_open_jobs(conn: Connection, since: datetime) -> list[tuple[UUID, Status]]:
    """Jobs that have not ended nor changed after *since*, oldest first."""
    rows = await conn.fetch(
        f"SELECT id, status FROM projection.job WHERE {_OPEN} AND changed_at <= $1 ORDER BY requested_at",  # noqa: S608
        since,
    )
    return [(UUID(row["id"]), row["status"]) for row in rows]


async def stale_due_jobs(conn: Connection, since: datetime) -> list[UUID]:
    """Jobs that ended without their person having seen it, nor anything having changed after *since*."""
    rows = await conn.fetch(
        "SELECT id FROM projection.job WHERE is_due AND changed_at <= $1 ORDER BY requested_at", since
    )
    return [UUID(row["id"]) for row in rows]


async def stale_due_answers(conn: Connection, since: datetime) -> list[UUID]:
    """Answers that were given before *since* and not shown yet."""
    rows = await conn.fetch(
        "SELECT id FROM projection.answer WHERE is_due AND at <= $1 ORDER BY given_at", since
    )
    return [UUID(row["id"]) for row in rows]


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


async def newest_images(conn: Connection, session_id: UUID, limit: int) -> dict[UUID, Image]:
    """A session's newest pictures, in the order of making."""
    rows = await conn.fetch(
        "SELECT id, state FROM projection.image WHERE session_id = $1 ORDER BY made_at DESC LIMIT $2",
        str(session_id),
        limit,
    )
    return {UUID(row["id"]): tables.decode("image", row["state"]) for row in reversed(rows)}


async def images(conn: Connection, names: Collection[UUID]) -> dict[UUID, Image]:
    """Pictures by id, as far as there are such; not scoped."""
    rows = await conn.fetch(
        "SELECT id, state FROM projection.image WHERE id = ANY($1)", [str(name) for name in names]
    )
    return {UUID(row["id"]): tables.decode("image", row["state"]) for row in rows}


async def backends(conn: Connection) -> list[Backend]:
    """Every backend as it was last found, by name."""
    rows = await conn.fetch("SELECT state FROM projection.backend ORDER BY id")
    return [tables.decode("backend", row["state"]) for row in rows]


async def positions(conn: Connection) -> dict[str, Egress]:
    """What was found out at each position about the way out, by name."""
    rows = await conn.fetch("SELECT id, state FROM projection.egress ORDER BY id")
    return {row["id"]: tables.decode("egress", row["state"]) for row in rows}


async def needed_workflows(conn: Connection) -> tuple[str, ...]:
    """Digests of what may have to be rendered: what commands mean and meant, and what unfinished jobs are."""
    rows = await conn.fetch(
        "SELECT state::json ->> 'digest' AS digest FROM projection.command "  # noqa: S608
        "UNION SELECT json_array_elements_text(state::json -> 'before') FROM projection.command "
        f"UNION SELECT workflow FROM projection.job WHERE {_OPEN} ORDER BY digest"
    )
    return tuple(row["digest"] for row in rows)


async def bound_specs(conn: Connection) -> list[WorkflowSpec]:
    """What each command means now, by command; without the definitions, which are large."""
    rows = await conn.fetch(
        "SELECT c.id, (w.state::json -> 'spec')::text AS spec FROM projection.command c "
        "JOIN projection.workflow w ON w.id = c.state::json ->> 'digest' ORDER BY c.id"
    )
    # A command may be bound to a workflow that was made for another one.
    return [replace(msgspec.json.decode(row["spec"], type=WorkflowSpec), command=row["id"]) for row in rows]


def _jobs(rows: Sequence[Any]) -> list[tuple[UUID, Job]]:
    return [(UUID(row["id"]), tables.decode("job", row["state"])) for row in rows]


def _answers(rows: Sequence[Any]) -> list[tuple[UUID, Answer]]:
    return [(UUID(row["id"]), tables.decode("answer", row["state"])) for row in rows]

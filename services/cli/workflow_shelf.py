"""Workflows and commands as the database has them."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from schemas import codec
from schemas.catalogue import BackendReport, BoundBy, WorkflowSpec
from schemas.events.workflow import WorkflowBound
from services.common.db import Connection
from services.common.errors import ConfigError
from services.orchestrator import lookup, tables
from services.orchestrator.catalogue import Binding, Workflow, command_stream, workflow_stream

_PREFIX = re.compile("[0-9a-f]{4,64}")


class Bound(Struct, frozen=True, kw_only=True):
    """What a command was bound to at some time."""

    digest: str
    by: BoundBy
    at: datetime


class Shelved(Struct, frozen=True, kw_only=True):
    """
    A workflow, whether or not a command means it.

    Attributes:
        spec: As registered; its command is the one that it was found by, if it was.
        definition: JSON text.
        registered_at: When the log first had it.
        history: What its command meant, oldest first; its last entry holds now.
    """

    spec: WorkflowSpec
    definition: str
    registered_at: datetime
    history: tuple[Bound, ...] = ()

    @property
    def is_bound(self) -> bool:
        """Whether its command means it now."""
        return bool(self.history) and self.history[-1].digest == self.spec.digest


async def require_tables(conn: Connection) -> None:
    """Raise ``ConfigError`` when nothing was ever started on this database."""
    if await conn.fetchval("SELECT to_regclass('projection.command') IS NULL"):
        raise ConfigError("There are no workflows yet: start Darkroom once, with ./dev up.")


async def commands(conn: Connection) -> list[Shelved]:
    """What each command means now, by command."""
    names = [row["id"] for row in await conn.fetch("SELECT id FROM projection.command ORDER BY id")]
    found = [await of_command(conn, name) for name in names]
    return [one for one in found if one is not None]


async def of_command(conn: Connection, command: str) -> Shelved | None:
    """What a command means now."""
    binding: Binding | None = (await tables.load(conn, "command", command)).state
    found = None if binding is None else await of_digest(conn, binding.digest)
    if found is None:
        return None
    history = await _history(conn, command)
    return replace(found, spec=replace(found.spec, command=command), history=history)


async def of_digest(conn: Connection, digest: str) -> Shelved | None:
    """A workflow; its history is that of the command it was made for."""
    workflow: Workflow | None = (await tables.load(conn, "workflow", digest)).state
    if workflow is None:
        return None
    at = await conn.fetchval(
        "SELECT at FROM event_log WHERE stream = $1 AND version = 1", workflow_stream(digest)
    )
    history = await _history(conn, workflow.spec.command)
    return Shelved(spec=workflow.spec, definition=workflow.definition, registered_at=at, history=history)


async def named(conn: Connection, name: str) -> Shelved:
    """
    The workflow that a person means: by its command, its name (then the newest of it) or its digest's start.

    Raises:
        ConfigError: There is none, or more than one.
    """
    if found := await of_command(conn, name.removeprefix("/")):
        return found
    digests = [row["id"] for row in await conn.fetch("SELECT id FROM projection.workflow ORDER BY id")]
    shelved = [one for digest in digests if (one := await of_digest(conn, digest))]
    if same := [one for one in shelved if one.spec.name == name]:
        return max(same, key=lambda one: one.registered_at)
    matching = [one for one in shelved if _PREFIX.fullmatch(name) and one.spec.digest.startswith(name)]
    if len(matching) > 1:
        listed = ", ".join(one.spec.digest[: len(name) + 8] for one in matching)
        raise ConfigError(f"{name} is the start of several digests: {listed}. Give more of it.")
    if not matching:
        raise ConfigError(
            f"There is no workflow {name}. See what there is with: ./dev darkroom workflow list"
        )
    return matching[0]


async def reports(conn: Connection) -> list[BackendReport]:
    """The last look at each backend."""
    return [backend.report for backend in await lookup.backends(conn)]


async def _history(conn: Connection, command: str) -> tuple[Bound, ...]:
    rows = await conn.fetch(
        "SELECT at, data FROM event_log WHERE stream = $1 ORDER BY version", command_stream(command)
    )
    bindings = [(row["at"], codec.decode_event(row["data"])) for row in rows]
    return tuple(
        Bound(digest=event.digest, by=event.by, at=at)
        for at, event in bindings
        if isinstance(event, WorkflowBound)
    )

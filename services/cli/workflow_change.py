"""Changing what a command means: say it to the orchestrator, and wait until backends know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

from msgspec import Struct

from schemas import subjects
from schemas.catalogue import BackendReport, Lack
from schemas.commands import BindWorkflow, ImportWorkflow
from services.cli import workflow_shelf
from services.cli.once import Watcher
from services.cli.running_stack import Reach
from services.cli.workflow_words import able
from services.common import bus as bus_module
from services.common import db
from services.common.db import Connection
from services.common.errors import UnavailableError
from services.orchestrator import tables
from services.orchestrator.catalogue import Binding

BIND_S = 30.0
REPORT_S = 30.0
"""A renderer asks for new workflows every few seconds, and looks at its backends at once then."""

_LOOK_S = 0.1

T = TypeVar("T")


class Changed(Struct, frozen=True, kw_only=True):
    """
    What a command means now, and who can do it.

    Attributes:
        command: Without the slash.
        digest: The workflow's.
        able: Backends that can render it.
        lacks: By backend that answers but can't, what it lacks.
        silent: Backends that do not answer, or have not been looked at for this yet.
    """

    command: str
    digest: str
    able: tuple[str, ...]
    lacks: dict[str, tuple[Lack, ...]]
    silent: tuple[str, ...]


async def change(
    place: Reach, order: ImportWorkflow | BindWorkflow, watcher: Watcher, *, wait_s: float = REPORT_S
) -> Changed:
    """
    Give *order*, and wait until its command is bound and the backends that answer were held against it.

    Raises:
        UnavailableError: NATS or Postgres does not answer, or nobody took the order in time.
        TooLargeError: The definition is larger than a message. Nothing was changed.
    """
    meant = (
        BindWorkflow(command=order.spec.command, digest=order.spec.digest)
        if isinstance(order, ImportWorkflow)
        else order
    )
    command, digest = meant.command, meant.digest
    watcher.step("telling the orchestrator")
    bus = await bus_module.connect(place.nats_url, "cli")
    try:
        await bus.publish(subjects.inbox_operator(), order, uuid4())
    finally:
        await bus.close()
    conn = await db.connect(place.database_url)
    try:
        if not await _until(lambda: _is_bound(conn, meant), BIND_S):
            raise UnavailableError(
                f"The orchestrator has not bound /{command} yet. See what is wrong: ./dev darkroom doctor"
            )
        watcher.step("waiting for the backends")
        await _until(lambda: _all_know(conn, digest), wait_s)
        return _changed(command, digest, await workflow_shelf.reports(conn))
    finally:
        await conn.close()


async def _is_bound(conn: Connection, meant: BindWorkflow) -> bool:
    """Also by whom: what it means may have been the same before, for somebody else to change."""
    binding: Binding | None = (await tables.load(conn, "command", meant.command)).state
    return binding is not None and (binding.digest, binding.by) == (meant.digest, meant.by)


async def _all_know(conn: Connection, digest: str) -> bool:
    """Whether every backend that answers was held against the workflow; false while none answers."""
    answering = [one for one in await workflow_shelf.reports(conn) if one.reachable]
    return bool(answering) and all(digest in one.lacks for one in answering)


def _changed(command: str, digest: str, reports: list[BackendReport]) -> Changed:
    known = [one for one in reports if one.reachable and digest in one.lacks]
    return Changed(
        command=command,
        digest=digest,
        able=able(reports, digest),
        lacks={one.backend: one.lacks[digest] for one in known if one.lacks[digest]},
        silent=tuple(one.backend for one in reports if one not in known),
    )


async def _until(check: Callable[[], Awaitable[bool]], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not await check():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_LOOK_S)
    return True

"""Dispatching what there is room for."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from services.common.db import Connection
from services.orchestrator import job, line, retry, speed
from services.orchestrator.ability import open_to
from services.orchestrator.catalogue import Workflow, workflow_stream
from services.orchestrator.fairness import Waiting
from services.orchestrator.job import Job
from services.orchestrator.ledger import Ledger
from services.orchestrator.limits import Limits
from services.orchestrator.lookup import backends
from services.orchestrator.mark import Append
from services.orchestrator.schedule import Assignment, Cap, Slots, schedule, slots_of


async def dispatch(ledger: Ledger, limits: Limits) -> bool:
    """
    Record a dispatch for every job that there is room for now; whether there was one.

    Args:
        ledger: Of the transaction.
        limits: How many jobs of one person may be with backends, and how many with one backend.
    """
    if not await line.any_queued(ledger.conn):
        return False
    slots = await _slots(ledger.conn, ledger.at, limits.staged_jobs)
    open_now = [one for one in slots if one.free > 0]
    if not open_now:
        return False
    workflows = frozenset[str]().union(*(one.workflows for one in open_now))
    waiting = await line.ready(ledger.conn, workflows, ledger.at)
    if not waiting:
        return False
    turns = await line.turns(ledger.conn, waiting)
    cap = Cap(most=limits.running_jobs, running=await line.running(ledger.conn))
    assignments = schedule(turns, await _measured(ledger.conn, slots, waiting), cap)
    for assigned in assignments:
        await _give(ledger, assigned)
    return bool(assignments)


async def _give(ledger: Ledger, assigned: Assignment) -> None:
    stream = job.stream(assigned.job_id)
    now = await ledger.state(Job, stream)
    if now is None:
        raise ValueError(f"{stream} waits, but was never requested")
    workflow = None
    if now.out_of_memory:
        workflow = await ledger.state(Workflow, workflow_stream(now.requested.workflow))
    order = retry.order(now, assigned.backend, workflow.spec if workflow else None)
    await ledger.record([Append(stream=stream, event=order)])


async def _slots(conn: Connection, now: datetime, staged: int) -> list[Slots]:
    """Every backend that jobs are given to, full ones as well."""
    return slots_of(open_to(await backends(conn), now), await line.in_flight(conn), now, staged=staged)


async def _measured(conn: Connection, slots: list[Slots], waiting: list[Waiting]) -> list[Slots]:
    """With what is warm and how fast they are; the latter only when there is something to choose."""
    names = [one.backend for one in slots]
    warm = await speed.warm(conn, names)
    choice = sum(one.free > 0 for one in slots) > 1
    seconds = await speed.medians(conn, names, {job.workflow for job in waiting}) if choice else {}
    return [
        replace(one, warm=warm.get(one.backend, ""), seconds=seconds.get(one.backend, {})) for one in slots
    ]

"""Dispatching what there is room for."""

from __future__ import annotations

from msgspec.structs import replace

from services.orchestrator import job, line, retry, speed, unfinished
from services.orchestrator.ability import open_to
from services.orchestrator.catalogue import Workflow, workflow_stream
from services.orchestrator.fairness import Waiting
from services.orchestrator.gatekeeper import Gatekeeper
from services.orchestrator.job import Job
from services.orchestrator.ledger import Ledger
from services.orchestrator.limits import Limits
from services.orchestrator.mark import Append
from services.orchestrator.schedule import Assignment, Cap, Slots, schedule, slots_of
from services.orchestrator.unfinished import Unfinished


async def dispatch(ledger: Ledger, limits: Limits, gatekeeper: Gatekeeper) -> bool:
    """
    Record a dispatch for every job that there is room for now; whether there was one.

    Args:
        ledger: Of the transaction.
        limits: How many jobs of one person may be with backends, and how many with one backend.
        gatekeeper: While it keeps the gate shut nothing is dispatched.
    """
    jobs = await ledger.rows.unfinished()
    if not unfinished.queued(jobs):
        return False
    if await gatekeeper.shut(ledger.conn, await ledger.rows.positions()):
        return False
    slots = await _slots(ledger, jobs, limits.staged_jobs)
    open_now = [one for one in slots if one.free > 0]
    if not open_now:
        return False
    workflows = frozenset[str]().union(*(one.workflows for one in open_now))
    waiting = unfinished.ready(jobs, workflows, ledger.at)
    if not waiting:
        return False
    turns = await line.turns(ledger.conn, waiting)
    cap = Cap(most=limits.running_jobs, running=unfinished.with_backends(jobs))
    assignments = schedule(turns, await _measured(ledger, slots, waiting), cap)
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


async def _slots(ledger: Ledger, jobs: list[Unfinished], staged: int) -> list[Slots]:
    """Every backend that jobs are given to, full ones as well."""
    found = open_to(await ledger.rows.backends(), ledger.at)
    return slots_of(found, unfinished.in_flight(jobs), ledger.at, staged=staged)


async def _measured(ledger: Ledger, slots: list[Slots], waiting: list[Waiting]) -> list[Slots]:
    """With what is warm and how fast they are, as far as there is something to choose."""
    rooms = sum(one.free > 0 for one in slots)
    if rooms == 1 and len(waiting) == 1:
        return slots
    names = [one.backend for one in slots]
    warm = await speed.warm(ledger.conn, names)
    seconds = await speed.medians(ledger.conn, names, {job.workflow for job in waiting}) if rooms > 1 else {}
    return [
        replace(one, warm=warm.get(one.backend, ""), seconds=seconds.get(one.backend, {})) for one in slots
    ]

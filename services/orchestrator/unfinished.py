"""The jobs that have not ended, as scheduling sees them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.orchestrator.fairness import Waiting
from services.orchestrator.job import Job, Status


class Unfinished(Struct, frozen=True, kw_only=True):
    """
    A job in line or in flight.

    Attributes:
        waiting: How the schedule sees it.
        session_id: Where it was asked.
        status: Where it stands.
        backend: Where it is; empty in the queue.
        not_before: Not dispatched earlier than this.
    """

    waiting: Waiting
    session_id: UUID
    status: Status
    backend: str
    not_before: datetime | None


def unfinished(job_id: UUID, job: Job) -> Unfinished | None:
    """A job, if it has not ended."""
    if job.has_ended:
        return None
    asked = job.requested
    waiting = Waiting(
        job_id=job_id,
        person_id=asked.person_id,
        position=job.position,
        workflow=asked.workflow,
        failed_on=frozenset(job.failed_on),
    )
    return Unfinished(
        waiting=waiting,
        session_id=asked.session_id,
        status=job.status,
        backend=job.backend,
        not_before=job.not_before,
    )


def queued(jobs: Iterable[Unfinished]) -> list[Unfinished]:
    """Those that wait for a backend."""
    return [one for one in jobs if one.status == "queued"]


def ready(jobs: Iterable[Unfinished], workflows: Collection[str], now: datetime) -> list[Waiting]:
    """Those that could go to a backend now, if it can do one of *workflows*."""
    return [
        one.waiting
        for one in jobs
        if one.status == "queued"
        and one.waiting.workflow in workflows
        and (one.not_before is None or one.not_before <= now)
    ]


def in_flight(jobs: Iterable[Unfinished]) -> dict[str, int]:
    """By backend, how many jobs take up room on it."""
    there: Counter[str] = Counter()
    running: Counter[str] = Counter()
    for one in jobs:
        if one.status != "queued":
            there[one.backend] += 1
            running[one.backend] += one.status == "running"
    # A backend runs one at a time: once the next one runs, the one before is only being handed over.
    return {name: count - (running[name] > 1) for name, count in there.items()}


def with_backends(jobs: Iterable[Unfinished]) -> Counter[UUID]:
    """By person, how many of their jobs are with backends."""
    return Counter(one.waiting.person_id for one in jobs if one.status != "queued")

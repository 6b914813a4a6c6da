"""
A studio without servers: the orchestrator's pure parts, put together as the shell does it.

Everything that is decided here is decided by the modules under test; what is told apart is only kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from schemas.catalogue import BackendReport, Lack
from schemas.events.job import JobCancelled, JobRequested
from schemas.facts import RenderFailed, RenderSucceeded
from services.orchestrator import backend, fairness, job, outcome, retry
from services.orchestrator.ability import open_to, why_unable
from services.orchestrator.backend import Backend
from services.orchestrator.blame import blame
from services.orchestrator.fairness import Served, Turns, Waiting
from services.orchestrator.job import IN_FLIGHT, Job
from services.orchestrator.mark import Mark
from services.orchestrator.outcome import GivenUp
from services.orchestrator.overdue import Held, verdict
from services.orchestrator.schedule import Assignment, Cap, Slots, schedule, slots_of
from tests.builders import AT, SPEC, event, message, uuid

PATIENCE = timedelta(seconds=900)
LACKS = (Lack(what="model", name="m"),)


class Floor:
    """Persons are numbers, workflows letters; *given* is called with each dispatch just before it is made."""

    def __init__(
        self, backends: dict[str, str], *, most_running: int = 4, given: Callable[[Job, str], None]
    ) -> None:
        self.now: datetime = AT
        self.jobs: dict[UUID, Job] = {}
        self.backends: dict[str, Backend] = {}
        self.most_running = most_running
        self._given = given
        self.position = 0
        self._warm: dict[str, str] = {}
        self._able = backends
        for name in backends:
            self.observe(name)

    def observe(self, name: str, *, reachable: bool = True, without: str = "") -> None:
        """A look at a backend; it lacks something for the workflow *without*."""
        lacks = {one: LACKS if one == without else () for one in self._able[name]} if reachable else {}
        report = BackendReport(backend=name, reachable=reachable, lacks=lacks)
        self._record(backend.observe(report, self.backends.get(name)))
        self.dispatch()

    def ask(self, person: int, workflow: str) -> None:
        """Another job."""
        asked = event(JobRequested, person_id=uuid(900 + person), workflow=workflow)
        self._append(job.stream(uuid(len(self.jobs) + 1)), asked)
        self.dispatch()

    def finish(self, name: str, code: str = "") -> None:
        """The oldest job of a backend is done, or failed as *code* says."""
        for job_id, now in self.with_backend(name)[:1]:
            kind: Any = RenderFailed if code else RenderSucceeded
            changed = {"code": code, "retryable": True} if code else {}
            fact = message(kind, job_id=job_id, attempt=now.attempt, backend=name, **changed)
            here = list(self.backends.values())
            is_hopeless = bool(code) and retry.is_hopeless(code, now, SPEC, here)
            decided = outcome.decide(job_id, fact, now, (b"key",), is_hopeless=is_hopeless)
            self._record([*decided, *blame(job_id, fact, now, self.backends[name])])
        self.dispatch()

    def cancel(self, number: int) -> None:
        """One of the open jobs is cancelled, and that is confirmed."""
        open_ = self.open_jobs()
        for job_id in open_[number % len(open_) :][:1] if open_ else []:
            self._append(job.stream(job_id), JobCancelled())
        self.dispatch()

    def wait(self, seconds: float) -> None:
        """Time passes, in steps as the orchestrator's clock ticks."""
        until = self.now + timedelta(seconds=seconds)
        while self.now < until:
            self.now = min(until, self.now + timedelta(seconds=20))
            self._give_up()
            self.dispatch()

    def open_jobs(self) -> list[UUID]:
        """Those that have not ended."""
        return [job_id for job_id, now in self.jobs.items() if not now.has_ended]

    def with_backend(self, name: str) -> list[tuple[UUID, Job]]:
        """Jobs that are with a backend, by their dispatch."""
        here = [one for one in self.jobs.items() if one[1].status in IN_FLIGHT and one[1].backend == name]
        return sorted(here, key=lambda one: one[1].dispatched_at or 0)

    def ready(self) -> list[Job]:
        """Jobs that may go to a backend now, oldest first."""
        return [
            one
            for one in self.jobs.values()
            if one.status == "queued" and (one.not_before is None or one.not_before <= self.now)
        ]

    def running(self) -> Counter[UUID]:
        """By person, how many jobs are with backends."""
        return Counter(one.requested.person_id for one in self.jobs.values() if one.status in IN_FLIGHT)

    def slots(self) -> list[Slots]:
        """As the shell finds them."""
        busy = {name: len(self.with_backend(name)) for name in self.backends}
        found = slots_of(open_to(self.backends.values(), self.now), busy, self.now, staged=1)
        return [replace(one, warm=self._warm.get(one.backend, "")) for one in found]

    def wanted(self, one: Job) -> set[str]:
        """Where a job may go, full or not."""
        able = {slots.backend for slots in self.slots() if one.requested.workflow in slots.workflows}
        return able - set(one.failed_on) or able

    def dispatch(self) -> None:
        """Give out what there is room for, one dispatch after another."""
        for assigned in self._schedule():
            now = self.jobs[assigned.job_id]
            self._given(now, assigned.backend)
            self._warm[assigned.backend] = now.requested.workflow
            self._append(job.stream(assigned.job_id), retry.order(now, assigned.backend, SPEC))

    def _schedule(self) -> list[Assignment]:
        ids = {one.position: job_id for job_id, one in self.jobs.items()}
        queue = [
            Waiting(
                job_id=ids[one.position],
                person_id=one.requested.person_id,
                position=one.position,
                workflow=one.requested.workflow,
                failed_on=frozenset(one.failed_on),
            )
            for one in self.ready()
        ]
        turns: dict[UUID, list[int]] = {}
        for one in self.jobs.values():
            turns.setdefault(one.requested.person_id, [0, 0]).extend(
                at for at in (one.dispatched_at, one.dispatched_before) if at
            )
        served = {person: Served(last=max(at), before=sorted(at)[-2]) for person, at in turns.items()}
        asked = sorted(one.position for one in self.jobs.values() if one.dispatched_at)
        cap = Cap(most=self.most_running, running=self.running())
        return schedule(Turns(queue, served, asked[-fairness.LOOK_AHEAD :]), self.slots(), cap)

    def _give_up(self) -> None:
        found = list(self.backends.values())
        for job_id in self.open_jobs():
            now = self.jobs[job_id]
            digest = now.requested.workflow
            held = Held(
                job_id=job_id,
                status=now.status,
                workflow=digest,
                backend=now.backend,
                queued_at=now.queued_at,
            )
            found_so = verdict(held, found, self.now, PATIENCE)
            if found_so != "waits":
                given_up = GivenUp(why=why_unable(found, digest, "f"), is_final=found_so == "ends")
                self._record(outcome.decide(job_id, given_up, now))

    def _record(self, appends: list[Any]) -> None:
        for append in appends:
            self._append(append.stream, append.event)

    def _append(self, stream: str, happened: Any) -> None:
        self.position += 1
        mark = Mark(position=self.position, at=self.now)
        kind, _, name = stream.partition("-")
        if kind == "job":
            self.jobs[UUID(name)] = job.evolve(self.jobs.get(UUID(name)), happened, mark)
        elif kind == "backend":
            self.backends[name] = backend.evolve(self.backends.get(name), happened, mark)

"""A backend's state, and what the reports of a renderer and the outcomes of attempts change. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from schemas.catalogue import BackendReport, Lack
from schemas.events.backend import BackendEvent, BackendFaulted, BackendObserved, BackendProved
from services.orchestrator import breaker
from services.orchestrator.breaker import Breaker
from services.orchestrator.mark import Append, Mark

_THE_WAY = frozenset({"tunnel-down"})
"""Reasons for which no backend answers, whatever its state: nothing gets as far as that."""


class Backend(Struct, frozen=True, kw_only=True):
    """
    A backend.

    Attributes:
        report: As it was last found.
        known: While it is away, as it was last found before: an unreachable one tells nothing of itself.
        away_since: When it was first found to be away.
        lost: By workflow that it could do at some time and can't any more, since when.
        breaker: Its circuit breaker.
    """

    report: BackendReport
    known: BackendReport | None = None
    away_since: datetime | None = None
    lost: dict[str, datetime] = {}
    breaker: Breaker = Breaker()

    @property
    def name(self) -> str:
        """Its name."""
        return self.report.backend

    @property
    def last_seen(self) -> BackendReport:
        """What is known of it, from now or from before it went away."""
        return self.report if self.report.reachable else self.known or self.report

    @property
    def is_cut_off(self) -> bool:
        """It is the tunnel that is down. That comes back by itself, and says nothing of the backend."""
        return not self.report.reachable and self.report.reason in _THE_WAY

    def may_do(self, digest: str) -> bool:
        """Whether it can do a workflow, as far as is known; one that was never seen may be able to."""
        return self.can(digest) or not self.last_seen.reachable

    def can(self, digest: str) -> bool:
        """Whether it lacks nothing for a workflow, as far as it is known; it may be away."""
        # An unreachable report tells nothing of what the backend can do.
        return self.last_seen.reachable and self.last_seen.lacks.get(digest) == ()


def stream(name: str) -> str:
    """The backend's stream in the log."""
    return f"backend-{name}"


def evolve(backend: Backend | None, event: BackendEvent, mark: Mark) -> Backend:
    """The backend after *event*."""
    if isinstance(event, BackendObserved):
        return _observed(backend or Backend(report=event.report), event.report, mark.at)
    if backend is None:
        raise ValueError(f"{type(event).__name__} of a backend that was never observed")
    match event:
        case BackendFaulted():
            return replace(backend, breaker=breaker.faulted(backend.breaker, event.code, mark.at))
        case BackendProved():
            return replace(backend, breaker=Breaker())
        case _:
            assert_never(event)


def _observed(backend: Backend, report: BackendReport, at: datetime) -> Backend:
    before = backend.last_seen
    if not report.reachable:
        known = before if before.reachable else None
        away = replace(backend, report=report, known=known)
        # How long the tunnel was down is not held against a backend.
        goes_on = backend.away_since is not None and away.is_cut_off == backend.is_cut_off
        return replace(away, away_since=backend.away_since if goes_on else at)
    could = {*backend.lost, *(digest for digest in before.lacks if backend.can(digest))}
    lost = {
        digest: backend.lost.get(digest, at) for digest in sorted(could) if report.lacks.get(digest) != ()
    }
    return replace(backend, report=report, known=None, away_since=None, lost=lost)


def observe(report: BackendReport, before: Backend | None) -> list[Append]:
    """A look at a backend is worth an event only when it found something else than the last one."""
    if before is not None and before.report == report:
        return []
    return [Append(stream=stream(report.backend), event=BackendObserved(report=report))]


def able(backends: list[Backend], digest: str) -> list[BackendReport]:
    """The backends that answer and lack nothing for the workflow."""
    return [b.report for b in backends if b.report.reachable and b.can(digest)]


def lack(backends: list[Backend], digest: str) -> tuple[str, Lack] | None:
    """A backend that answers but lacks something for the workflow, and what."""
    for backend in backends:
        lacks = backend.report.lacks.get(digest, ())
        if backend.report.reachable and lacks:
            return backend.name, lacks[0]
    return None

"""Which backends can take a job, which are expected back, and why none can. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from services.orchestrator.backend import Backend, able, lack
from services.orchestrator.gate import Shut

GRACE_S = 30.0
"""A backend that restarts is back by then; what is asked meanwhile waits for it."""


class Why(Struct, frozen=True, kw_only=True):
    """Why no backend can do a workflow: a code, and the facts its words need."""

    code: str
    details: dict[str, str]


def is_taken(backends: list[Backend], digest: str, now: datetime, *, waits: bool = False) -> bool:
    """
    Whether a new job has somewhere to go.

    That is a backend that can do it, or that went away only just now; or, while the way to them is closed,
    one that may be able to do it once that is open.

    Args:
        backends: Every backend.
        digest: The workflow.
        now: The time.
        waits: Nothing is dispatched now, for a reason that is no backend's.
    """
    if able(backends, digest) or (waits and not backends):
        return True
    for backend in backends:
        if (backend.is_cut_off or (waits and not backend.report.reachable)) and backend.may_do(digest):
            return True
        away = backend.away_since
        if away is not None and now - away < timedelta(seconds=GRACE_S) and backend.can(digest):
            return True
    return False


def open_to(backends: Iterable[Backend], now: datetime) -> list[Backend]:
    """The backends that jobs are given to: they answer, and their circuit breaker is not open."""
    return [b for b in backends if b.report.reachable and b.breaker.standing(now) != "open"]


def unable_since(backends: Iterable[Backend], digest: str, now: datetime) -> datetime | None:
    """
    Since when no backend could do a workflow, or nothing while one can.

    A backend that never could does not count, so it may be ``datetime.min``. One whose breaker is
    half-open can do it: it is being tried.
    """
    since = datetime.min.replace(tzinfo=now.tzinfo)
    for backend in backends:
        if backend.is_cut_off and backend.may_do(digest):
            return None  # nobody gives up on it: it may be as well as ever
        causes = [
            backend.away_since,
            backend.lost.get(digest),
            backend.breaker.broken_since if backend.breaker.standing(now) == "open" else None,
        ]
        present = [cause for cause in causes if cause is not None]
        if backend.can(digest) and not present:
            return None
        if present and (backend.can(digest) or digest in backend.lost):
            since = max(since, min(present))
    return since


def why_unable(backends: list[Backend], digest: str, command: str) -> Why:
    """Why no backend can do a workflow; what an operator can mend first comes first."""
    broken = [b for b in backends if b.report.reachable and b.can(digest) and b.breaker.opened]
    if broken:
        return Why(code=broken[0].breaker.code, details={"backend": broken[0].name})
    found = lack(backends, digest)
    if found is not None:
        name, missing = found
        details = {missing.what: missing.name, "backend": name, "folder": missing.folder, "command": command}
        return Why(code=f"missing-{missing.what}", details=details)
    away = [b.name for b in backends if not b.report.reachable and b.can(digest)]
    if not away and not any(b.report.reachable for b in backends):
        away = [b.name for b in backends]
    if away:
        return Why(code="backend-unreachable", details={"backend": ", ".join(sorted(away))})
    return Why(code="no-backend", details={})


def waits_for(backends: list[Backend], digest: str, shut: Shut | None) -> Why | None:
    """
    What a job in the queue waits for, other than its turn.

    Args:
        backends: Every backend.
        digest: The job's workflow.
        shut: Why nothing is dispatched now.
    """
    is_able = bool(able(backends, digest))
    if shut is not None and (shut.is_patient or is_able):
        return Why(code=shut.code, details={})
    if is_able:
        return None
    if any(backend.is_cut_off and backend.may_do(digest) for backend in backends):
        return Why(code="waiting-for-tunnel", details={})
    names = ", ".join(backend.name for backend in backends)
    return Why(code="waiting-for-backend", details={"backend": names})

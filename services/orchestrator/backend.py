"""A backend's state, and what the reports of a renderer change. Pure."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from schemas.catalogue import BackendReport, Lack
from schemas.events.backend import BackendEvent, BackendFaulted, BackendObserved, BackendProved
from services.orchestrator.mark import Append, Mark


class Backend(Struct, frozen=True, kw_only=True):
    """A backend as it was last found, and its faults since it last finished a job."""

    report: BackendReport
    faults: int = 0


def stream(name: str) -> str:
    """The backend's stream in the log."""
    return f"backend-{name}"


def evolve(backend: Backend | None, event: BackendEvent, _mark: Mark) -> Backend:
    """The backend after *event*."""
    match event:
        case BackendObserved():
            return Backend(report=event.report) if backend is None else replace(backend, report=event.report)
        case BackendFaulted():
            if backend is None:
                raise ValueError("a fault of a backend that was never observed")
            return replace(backend, faults=backend.faults + 1)
        case BackendProved():
            if backend is None:
                raise ValueError("a proof of a backend that was never observed")
            return replace(backend, faults=0)
        case _:
            assert_never(event)


def observe(report: BackendReport, before: Backend | None) -> list[Append]:
    """A look at a backend is worth an event only when it found something else than the last one."""
    if before is not None and before.report == report:
        return []
    return [Append(stream=stream(report.backend), event=BackendObserved(report=report))]


def able(backends: list[Backend], digest: str) -> list[BackendReport]:
    """The backends that answer and lack nothing for the workflow."""
    return [b.report for b in backends if b.report.reachable and b.report.lacks.get(digest) == ()]


def lack(backends: list[Backend], digest: str) -> tuple[str, Lack] | None:
    """A backend that answers but lacks something for the workflow, and what."""
    for backend in backends:
        lacks = backend.report.lacks.get(digest, ())
        if backend.report.reachable and lacks:
            return backend.report.backend, lacks[0]
    return None

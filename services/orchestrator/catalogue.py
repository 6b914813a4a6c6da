"""States of backends, workflows and commands, and what the announcements of a renderer change. Pure."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct

from schemas.catalogue import BackendReport, Lack, WorkflowSpec
from schemas.events.backend import BackendEvent, BackendObserved
from schemas.events.workflow import WorkflowBound, WorkflowRegistered
from services.orchestrator.mark import Append, Mark


class Backend(Struct, frozen=True, kw_only=True):
    """A backend as it was last found."""

    report: BackendReport


class Workflow(Struct, frozen=True, kw_only=True):
    """A workflow by its digest; it never changes."""

    spec: WorkflowSpec
    definition: str


class Binding(Struct, frozen=True, kw_only=True):
    """What a command means now."""

    digest: str


def evolve_backend(_backend: Backend | None, event: BackendEvent, _mark: Mark) -> Backend:
    """The backend after *event*."""
    match event:
        case BackendObserved():
            return Backend(report=event.report)
        case _:
            assert_never(event)


def evolve_workflow(_workflow: Workflow | None, event: WorkflowRegistered, _mark: Mark) -> Workflow:
    """The workflow after *event*."""
    return Workflow(spec=event.spec, definition=event.definition)


def evolve_binding(_binding: Binding | None, event: WorkflowBound, _mark: Mark) -> Binding:
    """The command's binding after *event*."""
    return Binding(digest=event.digest)


def observe(report: BackendReport, before: Backend | None) -> list[Append]:
    """A look at a backend is worth an event only when it found something else than the last one."""
    if before is not None and before.report == report:
        return []
    return [Append(stream=f"backend-{report.backend}", event=BackendObserved(report=report))]


def announce(
    spec: WorkflowSpec, definition: str, known: Workflow | None, bound: Binding | None
) -> list[Append]:
    """Register a workflow that is new, and bind its command to it."""
    appends: list[Append] = []
    if known is None:
        registered = WorkflowRegistered(spec=spec, definition=definition)
        appends.append(Append(stream=f"workflow-{spec.digest}", event=registered))
    if bound is None or bound.digest != spec.digest:
        binding = WorkflowBound(command=spec.command, digest=spec.digest)
        appends.append(Append(stream=f"command-{spec.command}", event=binding))
    return appends


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

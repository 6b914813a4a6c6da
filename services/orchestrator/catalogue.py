"""States of workflows and commands, and what a catalogue and an operator change. Pure."""

from __future__ import annotations

from msgspec import Struct

from schemas.catalogue import BoundBy, WorkflowSpec
from schemas.events.workflow import WorkflowBound, WorkflowRegistered
from services.orchestrator.mark import Append, Mark

KEPT = 4
"""So many earlier meanings of a command stay ready to be rendered, for jobs that are wanted once more."""


class Workflow(Struct, frozen=True, kw_only=True):
    """A workflow by its digest; it never changes."""

    spec: WorkflowSpec
    definition: str


class Binding(Struct, frozen=True, kw_only=True):
    """
    What a command means now, and who said so.

    Attributes:
        digest: The workflow's.
        by: Who bound it. What an operator has bound, no catalogue binds anew.
        before: What it meant before, newest first, at most ``KEPT``.
    """

    digest: str
    by: BoundBy
    before: tuple[str, ...] = ()


def workflow_stream(digest: str) -> str:
    """A workflow's stream in the log."""
    return f"workflow-{digest}"


def command_stream(command: str) -> str:
    """A command's stream in the log."""
    return f"command-{command}"


def evolve_workflow(_workflow: Workflow | None, event: WorkflowRegistered, _mark: Mark) -> Workflow:
    """The workflow after *event*."""
    return Workflow(spec=event.spec, definition=event.definition)


def evolve_binding(binding: Binding | None, event: WorkflowBound, _mark: Mark) -> Binding:
    """The command's binding after *event*."""
    meant = () if binding is None else (binding.digest, *binding.before)
    before = tuple(digest for digest in meant if digest != event.digest)[:KEPT]
    return Binding(digest=event.digest, by=event.by, before=before)


def announce(
    spec: WorkflowSpec, definition: str, known: Workflow | None, bound: Binding | None
) -> list[Append]:
    """Register a workflow that is new, and bind its command to it unless an operator has bound that."""
    registered = register(spec, definition, known)
    if bound is not None and bound.by == "operator":
        return registered
    return [*registered, *bind(spec.command, spec.digest, bound, by="catalogue")]


def register(spec: WorkflowSpec, definition: str, known: Workflow | None) -> list[Append]:
    """Keep a workflow that is new."""
    if known is not None:
        return []
    event = WorkflowRegistered(spec=spec, definition=definition)
    return [Append(stream=workflow_stream(spec.digest), event=event)]


def bind(command: str, digest: str, bound: Binding | None, *, by: BoundBy) -> list[Append]:
    """Let a command mean a workflow, if that is news."""
    if bound is not None and (bound.digest, bound.by) == (digest, by):
        return []
    return [
        Append(stream=command_stream(command), event=WorkflowBound(command=command, digest=digest, by=by))
    ]

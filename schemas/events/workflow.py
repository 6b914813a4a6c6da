"""A workflow: a graph that a command stands for. Every version that ever was stays readable."""

from __future__ import annotations

from msgspec import Struct

from schemas.catalogue import WorkflowSpec


class WorkflowRegistered(Struct, frozen=True, kw_only=True, tag="workflow.registered.v1"):
    """
    A workflow was announced whose digest was not known.

    Attributes:
        spec: What others need to know of it.
        definition: The whole of it, bindings and API-format prompt, as JSON text.
    """

    spec: WorkflowSpec
    definition: str


class WorkflowBound(Struct, frozen=True, kw_only=True, tag="workflow.bound.v1"):
    """From here on the command means the workflow with this digest."""

    command: str
    digest: str


WorkflowEvent = WorkflowRegistered | WorkflowBound

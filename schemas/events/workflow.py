"""A workflow: a graph that a command stands for. Every version that ever was stays readable."""

from __future__ import annotations

from msgspec import Struct

from schemas.catalogue import BoundBy, WorkflowSpec


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
    """
    From here on the command means the workflow with this digest.

    Attributes:
        command: Without the slash.
        digest: The workflow's.
        by: Who said so. What an operator has bound, no catalogue binds anew.
    """

    command: str
    digest: str
    by: BoundBy


WorkflowEvent = WorkflowRegistered | WorkflowBound

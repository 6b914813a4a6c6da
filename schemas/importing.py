"""
What an operator's command line asks a renderer about a workflow that is to be imported, and its answer.

By NATS request on ``query.study``. A question changes nothing: what comes of it is ``ImportWorkflow``.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from schemas.catalogue import BackendName, Bounds, Command, Lack, WorkflowSpec

FILE_BYTES_MAX = 700_000
"""Of the file: the question has to fit into one NATS message."""
DEFINITION_BYTES_MAX = 900_000
"""Of the answer that holds the definition, which is JSON text within JSON: later messages hold it too."""


class Choices(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What the operator has said; the rest is found in the graph.

    Attributes:
        title: What people read; by default made of the file's name.
        slots: By parameter (``prompt``, ``negative``, ``seed``, ``width_px``, ``height_px``, ``steps``,
            ``cfg``, ``count``), the inputs it fills, each as ``node.input``; an empty tuple unbinds it.
        bounds: By parameter, how far it goes.
        pictures: Nodes that load a picture to edit, in order; ``None`` takes all there are.
        optional: Those of them that may be left out.
        outputs: Nodes whose files are the result, in order; ``None`` takes all that save something.
    """

    title: str = ""
    slots: dict[str, tuple[str, ...]] = {}
    bounds: dict[str, Bounds] = {}
    pictures: tuple[str, ...] | None = None
    optional: tuple[str, ...] = ()
    outputs: tuple[str, ...] | None = None


class StudyWorkflow(Struct, frozen=True, kw_only=True, tag="study.workflow.v1"):
    """
    What would this file be as a workflow?

    Attributes:
        name: Of the workflow: the file's, without its ending.
        command: To be bound to it, without the slash.
        file: The exported JSON as text, API or UI format.
        choices: What the operator has said.
        backend: Whose ``/object_info`` is asked; empty: any that answers.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    command: Command
    file: str
    choices: Choices = Choices()
    backend: BackendName | None = None


class Candidate(Struct, frozen=True, kw_only=True):
    """One thing that could be meant: ``node.input`` or a node's id, and what a person recognises it by."""

    value: str
    label: str


class Unclear(Struct, frozen=True, kw_only=True):
    """
    A choice that is the operator's.

    Attributes:
        what: A key of ``Choices.slots``, or ``outputs`` or ``pictures``.
        why: One sentence.
        candidates: What there is to choose from.
    """

    what: str
    why: str
    candidates: tuple[Candidate, ...]


class Studied(Struct, frozen=True, kw_only=True, tag="study.done.v1"):
    """
    The workflow as it would be.

    Attributes:
        spec: As people will meet it.
        definition: Bindings and API-format prompt, as JSON text.
        found: By parameter, where it goes: sentences for the operator.
        backend: Whose nodes and models it was held against.
        lacks: What that one lacks for it; it may be registered all the same.
        warnings: What an operator should know, as sentences.
    """

    spec: WorkflowSpec
    definition: str
    found: dict[str, str]
    backend: BackendName
    lacks: tuple[Lack, ...] = ()
    warnings: tuple[str, ...] = ()


class StudyUnclear(Struct, frozen=True, kw_only=True, tag="study.unclear.v1"):
    """Choices are missing; all of them at once."""

    questions: tuple[Unclear, ...]


class StudyRefused(Struct, frozen=True, kw_only=True, tag="study.refused.v1"):
    """It can't become a workflow; each problem is a sentence that says what to do."""

    code: str
    problems: tuple[str, ...]


StudyAnswer = Studied | StudyUnclear | StudyRefused

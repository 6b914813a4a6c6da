"""
Which table each kind of stream becomes, and what its rows hold. Pure.

A row is the aggregate's state after its last event, folded by its ``evolve``; nothing else is kept,
so the same log gives the same rows, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from schemas.events import AnswerEvent, BackendEvent, EgressEvent, ImageEvent, JobEvent, SessionEvent
from schemas.events.workflow import WorkflowBound, WorkflowRegistered
from services.orchestrator import answer, backend, catalogue, egress, image, job, session
from services.orchestrator.answer import Answer
from services.orchestrator.image import Image
from services.orchestrator.job import Job
from services.orchestrator.mark import Mark
from services.orchestrator.session import Session

Columns = Mapping[str, object]


class Projection(Struct, frozen=True, kw_only=True):
    """
    One kind of stream.

    Attributes:
        state: The struct that a row's state is.
        events: What can stand in such a stream.
        evolve: Its fold.
        columns: Names of the columns that queries look for, in the table's order.
        values: Their values, from the state.
    """

    state: type[Any]
    events: Any
    evolve: Callable[[Any, Any, Mark], Any]
    columns: tuple[str, ...] = ()
    values: Callable[[Any], tuple[object, ...]] = lambda _: ()


def _of_job(state: Job) -> tuple[object, ...]:
    return (
        str(state.requested.session_id),
        str(state.requested.person_id),
        state.status,
        state.backend,
        list(state.failed_on),
        state.queued_at,
        state.not_before,
        state.changed_at,
        state.position,
        state.dispatched_at,
        state.dispatched_before,
        None if state.message_ref is None else str(state.message_ref),
        state.requested.workflow,
        state.render_s,
        state.has_ended and not state.shown,
    )


def _of_answer(state: Answer) -> tuple[object, ...]:
    return (str(state.given.session_id), state.at, state.position, not state.shown)


def _of_image(state: Image) -> tuple[object, ...]:
    return (str(state.session_id), state.position)


class Row(Struct, frozen=True, kw_only=True):
    """An aggregate's state and its stream's version; ``None`` and 0 before its first event."""

    version: int
    state: Any


PROJECTIONS: dict[str, Projection] = {
    "session": Projection(state=Session, events=SessionEvent, evolve=session.evolve),
    "job": Projection(
        state=Job,
        events=JobEvent,
        evolve=job.evolve,
        columns=(
            "session_id",
            "person_id",
            "status",
            "backend",
            "failed_on",
            "queued_at",
            "not_before",
            "changed_at",
            "requested_at",
            "dispatched_at",
            "dispatched_before",
            "message_ref",
            "workflow",
            "render_s",
            "is_due",
        ),
        values=_of_job,
    ),
    "answer": Projection(
        state=Answer,
        events=AnswerEvent,
        evolve=answer.evolve,
        columns=("session_id", "at", "given_at", "is_due"),
        values=_of_answer,
    ),
    "image": Projection(
        state=Image,
        events=ImageEvent,
        evolve=image.evolve,
        columns=("session_id", "made_at"),
        values=_of_image,
    ),
    "backend": Projection(state=backend.Backend, events=BackendEvent, evolve=backend.evolve),
    "workflow": Projection(
        state=catalogue.Workflow, events=WorkflowRegistered, evolve=catalogue.evolve_workflow
    ),
    "command": Projection(state=catalogue.Binding, events=WorkflowBound, evolve=catalogue.evolve_binding),
    "egress": Projection(state=egress.Egress, events=EgressEvent, evolve=egress.evolve),
}


def split(stream: str) -> tuple[str, str]:
    """A stream's kind and id; raises ``ValueError`` when there are no streams of that kind."""
    kind, _, id_ = stream.partition("-")
    if kind not in PROJECTIONS:
        raise ValueError(f"{stream} is a stream of no known kind")
    return kind, id_

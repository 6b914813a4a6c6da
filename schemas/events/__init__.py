"""Everything that has happened, by the noun it happened to."""

from __future__ import annotations

from schemas.events.answer import AnswerEvent
from schemas.events.backend import BackendEvent
from schemas.events.egress import EgressEvent
from schemas.events.image import ImageEvent
from schemas.events.job import JobEvent
from schemas.events.session import SessionEvent
from schemas.events.workflow import WorkflowEvent

Event = SessionEvent | JobEvent | AnswerEvent | ImageEvent | BackendEvent | WorkflowEvent | EgressEvent
WireEvent = Event
"""What stored bytes may hold. Retired versions are added here and upcast in ``schemas.codec``."""

__all__ = [
    "AnswerEvent",
    "BackendEvent",
    "EgressEvent",
    "Event",
    "ImageEvent",
    "JobEvent",
    "SessionEvent",
    "WireEvent",
    "WorkflowEvent",
]

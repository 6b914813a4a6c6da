"""The one place where bytes become messages and events, and back. Raises ``msgspec.ValidationError``."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from schemas.commands import Command
from schemas.dispatch import Dispatch
from schemas.envelope import Message, Recorded
from schemas.events import Event, WireEvent
from schemas.facts import Fact
from schemas.importing import StudyAnswer, StudyWorkflow
from schemas.progress import Progress
from schemas.queries import Answer, Query
from schemas.replies import Reply

T = TypeVar("T")

# Sorted keys: equal events are equal bytes, which the hash chain and the replay comparison rest on.
_ENCODER = msgspec.json.Encoder(order="sorted")
_EVENT = msgspec.json.Decoder(WireEvent)
_INBOX = msgspec.json.Decoder(Message[Command | Fact])
_DISPATCH = msgspec.json.Decoder(Message[Dispatch])
_REPLY = msgspec.json.Decoder(Message[Reply])
_RECORDED = msgspec.json.Decoder(Recorded)
_PROGRESS = msgspec.json.Decoder(Progress)
_QUERY = msgspec.json.Decoder(Query)
_ANSWER = msgspec.json.Decoder(Answer)
_STUDY = msgspec.json.Decoder(StudyWorkflow)
_STUDIED = msgspec.json.Decoder(StudyAnswer)


def encode(value: object) -> bytes:
    """Canonical JSON: sorted keys, no white space."""
    return _ENCODER.encode(value)


def event_type(event: Event) -> str:
    """The event's tag, ``noun.past_verb.vN``."""
    return str(event.__struct_config__.tag)


def upcast(event: WireEvent) -> Event:
    """Any version ever written, as the newest. No version has been retired yet."""
    return event


def decode_event(data: bytes) -> Event:
    """A stored event of any version, as the newest."""
    return upcast(_EVENT.decode(data))


def decode_recorded(data: bytes) -> Recorded:
    """An event as the EVENTS stream mirrors it."""
    return _RECORDED.decode(data)


def decode_inbox(data: bytes) -> Message[Command | Fact]:
    """A message of the INBOX stream."""
    return _INBOX.decode(data)


def decode_dispatch(data: bytes) -> Message[Dispatch]:
    """A message of the RENDER stream."""
    return _DISPATCH.decode(data)


def decode_reply(data: bytes) -> Message[Reply]:
    """A message of the REPLIES stream."""
    return _REPLY.decode(data)


def decode_progress(data: bytes) -> Progress:
    """A progress note."""
    return _PROGRESS.decode(data)


def decode_query(data: bytes) -> Query:
    """A question to the orchestrator."""
    return _QUERY.decode(data)


def decode_answer(data: bytes) -> Answer:
    """The orchestrator's answer."""
    return _ANSWER.decode(data)


def decode_study(data: bytes) -> StudyWorkflow:
    """A question about a workflow that is to be imported."""
    return _STUDY.decode(data)


def decode_studied(data: bytes) -> StudyAnswer:
    """A renderer's answer to that."""
    return _STUDIED.decode(data)


def encode_private(value: object) -> bytes:
    """The plain bytes of a part that will be sealed; they need not be canonical."""
    return msgspec.json.encode(value)


def decode_private(data: bytes, kind: type[T]) -> T:
    """The plain bytes of a sealed part, as the struct it is known to hold."""
    return msgspec.json.decode(data, type=kind)

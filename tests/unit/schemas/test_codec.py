"""Bytes and what they mean, and what is refused before it means anything."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from schemas import codec, private
from schemas.commands import RequestRender
from schemas.envelope import Message
from schemas.events import Event
from schemas.facts import BackendReported
from schemas.params import MAX_SEED, RenderParams
from schemas.queries import AskHistory
from tests.builders import AT, EVENTS, MESSAGES, REPORT, message, tag, uuid


def carried(body: Any) -> bytes:
    """A body in its envelope."""
    return codec.encode(Message(message_id=uuid(1), at=AT, body=body))


@pytest.mark.parametrize("happened", EVENTS, ids=tag)
def test_an_event_comes_back(happened: Event) -> None:
    """What was encoded is what is decoded, under the tag that names it."""
    assert happened == codec.decode_event(codec.encode(happened))
    assert tag(happened) == codec.event_type(happened)


def test_equal_values_are_equal_bytes() -> None:
    """The order in which details were put together doesn't show: hashes and comparisons rest on that."""
    assert codec.encode({"b": "1", "a": "2"}) == codec.encode({"a": "2", "b": "1"}) == b'{"a":"2","b":"1"}'


@pytest.mark.parametrize("body", [m for m in MESSAGES if tag(m).startswith("ask.")], ids=tag)
def test_a_question_comes_back(body: Any) -> None:
    """With no envelope: it is asked and answered at once."""
    assert body == codec.decode_query(codec.encode(body))


@pytest.mark.parametrize(
    "body",
    [
        message(RequestRender, command="\0"),
        message(RequestRender, command="Upper"),
        message(RequestRender, command="x" * 65),
        BackendReported(report=replace(REPORT, backend="my gpu")),
        BackendReported(report=replace(REPORT, backend="a.b")),
        BackendReported(report=replace(REPORT, backend="")),
    ],
)
def test_what_would_become_a_wrong_subject_or_stream_is_refused(body: Any) -> None:
    """Names that go into subjects and streams are looked at when they come in."""
    with pytest.raises(msgspec.ValidationError):
        codec.decode_inbox(carried(body))


@pytest.mark.parametrize("limit", [0, -1, 201, 10**30])
def test_nobody_asks_for_too_much_history(limit: int) -> None:
    """A limit is from 1 to 200."""
    with pytest.raises(msgspec.DecodeError):
        codec.decode_query(codec.encode(AskHistory(session_id=uuid(1), limit=limit)))


@pytest.mark.parametrize(
    "params",
    [
        {"seed": -1},
        {"seed": MAX_SEED + 1},
        {"steps": 0},
        {"count": 0},
        {"cfg": -0.1},
        {"width_px": 0},
        {"height_px": 100_001},
        {"steps": 1.5},
        {"steps": "4"},
    ],
)
def test_parameters_out_of_any_reason_are_refused(params: dict[str, object]) -> None:
    """Whatever a workflow's own bounds are."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(params), type=RenderParams)


def test_parameters_that_were_not_asked_for_are_left_out() -> None:
    """``None`` is the workflow's to fill in, and takes no room."""
    assert b'{"seed":0}' == codec.encode(RenderParams(seed=0))
    assert RenderParams(seed=0) == msgspec.json.decode(b'{"seed":0}', type=RenderParams)


def test_one_sealed_part_cannot_stand_for_another() -> None:
    """Each kind says what it is: an address that is a request's secrets doesn't decode."""
    secrets = private.RequestSecrets(
        words=private.Words(said="x", prompt="x"), asked_in=private.MessageAddress()
    )
    data = codec.encode_private(secrets)

    assert secrets == codec.decode_private(data, private.RequestSecrets)
    for kind in (private.Address, private.MessageAddress, private.EntrySecrets, private.MediaKeys):
        with pytest.raises(msgspec.ValidationError):
            codec.decode_private(data, kind)

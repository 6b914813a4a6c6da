"""Rows as they are made live, and as replay makes them from the stored bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import codec
from schemas.envelope import Recorded
from schemas.events import Event
from schemas.events.job import JobRequested, OutcomeShown
from services.orchestrator import tables
from services.orchestrator.mark import Mark
from services.orchestrator.projection import PROJECTIONS, Row, split
from services.orchestrator.replay import fold
from tests.builders import AT, ENTRY, IMAGE, JOB, SESSION, event, members, uuid
from tests.generated import MOMENTS, values_of

_IDS: Mapping[str, object] = {
    "session": SESSION, "job": JOB, "answer": ENTRY, "image": IMAGE, "backend": "gpu",
    "workflow": "5" * 64, "command": "f", "egress": "tunnel",
}  # fmt: skip
# The events that may stand first in a stream; every other needs it.
_FIRST = {kind: members(projection.events)[0] for kind, projection in PROJECTIONS.items()}


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[datetime, Event]]:
    """A kind of stream, from its first event on: any events of its kind, with any content, at any times."""
    kind = draw(st.sampled_from(sorted(PROJECTIONS)))
    rest = draw(st.lists(st.sampled_from(members(PROJECTIONS[kind].events)), max_size=5))
    return [(draw(MOMENTS), draw(values_of(one))) for one in (_FIRST[kind], *rest)]


def stream_of(happened: Event) -> str:
    """A stream in which the event can stand."""
    kind = next(kind for kind, one in PROJECTIONS.items() if isinstance(happened, one.events))
    return f"{kind}-{_IDS[kind]}"


def stored(stream: str, position: int, at: datetime, happened: Event) -> Recorded:
    """The event as it comes back from the log."""
    return Recorded(
        position=position * 10,
        stream=stream,
        version=position,
        event_id=uuid(position),
        cause=uuid(0),
        at=at,
        event=codec.decode_event(codec.encode(happened)),
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(histories())
def test_replay_makes_the_same_bytes(history: list[tuple[datetime, Event]]) -> None:
    """Whatever happened, a row folded from the events in hand and one from their stored bytes are equal."""
    stream = stream_of(history[0][1])
    kind, id_ = split(stream)
    live: Any = None
    replayed = Row(version=0, state=None)
    for position, (at, happened) in enumerate(history, start=1):
        live = PROJECTIONS[kind].evolve(live, happened, Mark(position=position * 10, at=at))
        replayed = fold(replayed, stored(stream, position, at, happened))
        # As the live one is read again before the next event.
        live = tables.decode(kind, codec.encode(live).decode())

    assert tables.record(kind, id_, Row(version=len(history), state=live)) == tables.record(
        kind, id_, replayed
    )


@pytest.mark.parametrize("kind", sorted(PROJECTIONS))
def test_every_kind_of_stream_is_generated(kind: str) -> None:
    """The property above is about all tables: each has a first event and an example."""
    first = event(_FIRST[kind])

    assert f"{kind}-{_IDS[kind]}" == stream_of(first)
    assert tables.columns(kind)[:3] == ("id", "version", "state")
    row = fold(Row(version=0, state=None), stored(stream_of(first), 1, AT, first))
    assert len(tables.columns(kind)) == len(tables.record(kind, "x", row))


@pytest.mark.parametrize(
    ("stream", "position", "happened"),
    [
        (f"job-{JOB}", 2, event(JobRequested)),
        (f"job-{JOB}", 1, OutcomeShown()),
        (f"answer-{JOB}", 1, event(JobRequested)),
        ("unheard-of", 1, event(JobRequested)),
    ],
    ids=["a version left out", "before its stream began", "in another's stream", "of no kind"],
)
def test_what_cannot_stand_there_is_refused(stream: str, position: int, happened: Event) -> None:
    """Replay is strict: it says so instead of making something up."""
    with pytest.raises(ValueError, match=r"stream|goes from|never requested|stands in"):
        fold(Row(version=0, state=None), stored(stream, position, AT, happened))

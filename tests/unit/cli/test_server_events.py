"""Server-sent events are read whatever pieces they come in."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.cli.server_events import EventParser, ServerEvent

STREAM = (
    b': ping\n\nevent: entry\nid: 7\ndata: {"a":\r\ndata: 1}\r\n\r\n'
    b"data: caf\xc3\xa9\n\nevent: lost\n\nevent: progress\ndata:x\n\n"
)
EVENTS = [
    ServerEvent(name="entry", data='{"a":\n1}'),
    ServerEvent(name="message", data="café"),
    ServerEvent(name="progress", data="x"),
]


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    """The events are the same wherever the bytes are cut, inside a letter or a line end too."""
    edges = [0, *sorted(cuts), len(STREAM)]
    parser = EventParser()
    found = [event for start, end in pairwise(edges) for event in parser.feed(STREAM[start:end])]

    assert EVENTS == found


def test_unfinished_event_is_kept_back() -> None:
    """An event counts once its empty line has come."""
    assert [] == list(EventParser().feed(b"event: entry\ndata: 1\n"))

"""Progress out of ComfyUI's events."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.renderer.catalogue import OWN, read_workflow
from services.renderer.meter import Meter, Reading

GRAPH = read_workflow(OWN / "flux-schnell").prompt


def progress(step: Any, steps: Any, node: str = "sampler") -> tuple[str, dict[str, Any]]:
    """A step."""
    return "progress", {"value": step, "max": steps, "node": node}


def test_a_step_is_named_and_counted() -> None:
    """The node is called by the workflow's title."""
    meter = Meter(GRAPH)
    meter.hear("executing", {"node": "sampler"})
    reading = meter.hear(*progress(2, 4))

    # 4 of the 12 parts are the sampler's steps; two of them are done.
    assert Reading(node="Sample", step=2, steps=4, percent=16.7) == reading
    assert not getattr(reading, "is_last_step", True)


def test_the_last_step_is_known() -> None:
    """It is told in any case."""
    reading = Meter(GRAPH).hear(*progress(4, 4))

    assert reading is not None
    assert reading.is_last_step


def test_cached_nodes_are_done() -> None:
    """They will not be executed, so they count at once."""
    reading = Meter(GRAPH).hear("execution_cached", {"nodes": ["model", "vae", "text-encoders"]})

    assert Reading(percent=25.0) == reading


def state(node_id: str, state: Any, value: Any = 0.0, most: Any = 1.0) -> dict[str, Any]:
    """One node of a ``progress_state``."""
    return {node_id: {"state": state, "value": value, "max": most, "node_id": node_id}}


def test_newer_servers_tell_every_nodes_state() -> None:
    """What is finished counts as done, and what runs is named and counted."""
    nodes = state("model", "finished") | state("vae", "finished") | state("sampler", "running", 2, 4)
    reading = Meter(GRAPH).hear("progress_state", {"nodes": nodes})

    assert ("Sample", 2, 4) == (reading.node, reading.step, reading.steps) if reading else None
    assert reading is not None
    assert reading.percent > 16.7


def test_a_node_that_is_named_twice_is_not_done() -> None:
    """A server tells a node's state, then that it executes it, then each step in both ways."""
    meter = Meter(GRAPH)
    meter.hear("progress_state", {"nodes": state("sampler", "running")})
    meter.hear("executing", {"node": "sampler"})
    reading = meter.hear(*progress(1, 4))

    assert Reading(node="Sample", step=1, steps=4, percent=8.3) == reading


def test_a_node_that_does_not_count_has_no_steps() -> None:
    """The server says 0 of 1 of it."""
    reading = Meter(GRAPH).hear("progress_state", {"nodes": state("decode", "running")})

    assert Reading(node="Decode") == reading


def test_the_same_told_twice_is_one_reading() -> None:
    """Servers tell each step in two events."""
    meter = Meter(GRAPH)
    meter.hear("progress_state", {"nodes": state("sampler", "running", 2, 4)})

    assert meter.hear(*progress(2, 4)) is None


def test_other_events_say_nothing() -> None:
    """Nor does the end, which is not a node."""
    meter = Meter(GRAPH)

    assert [None, None, None] == [
        meter.hear("executed", {"node": "save"}),
        meter.hear("executing", {"node": None}),
        meter.hear("progress_state", {"nodes": {}}),
    ]


EVENTS = st.sampled_from(["executing", "progress", "progress_state", "execution_cached", "status"])
VALUES = st.none() | st.integers(-5, 99) | st.floats() | st.text(max_size=3) | st.lists(st.text(max_size=2))
STATES = st.fixed_dictionaries(
    {}, optional={"state": st.sampled_from(["running", "finished"]), "value": VALUES, "max": VALUES}
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "node": VALUES | st.sampled_from(sorted(GRAPH)),
        "value": VALUES,
        "max": VALUES,
        "nodes": VALUES | st.dictionaries(st.sampled_from(sorted(GRAPH)), STATES | VALUES),
    },
)


@given(st.lists(st.tuples(EVENTS, DATA)))
def test_the_percentage_never_falls(events: list[tuple[str, dict[str, Any]]]) -> None:
    """Whatever a server sends, it stays between 0 and 100 and goes only up."""
    meter = Meter(GRAPH)
    percents = [reading.percent for event in events if (reading := meter.hear(*event)) is not None]

    assert sorted(percents) == percents
    assert all(0 <= percent <= 100 for percent in percents)

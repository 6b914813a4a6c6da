"""What a position's checks make of it, and which of its processes count."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events.egress import EgressInconclusive, EgressLeaked, EgressVerified
from schemas.facts import EgressChecked
from services.orchestrator import egress
from services.orchestrator.egress import SILENT, Egress, heard_last, observe, worst
from services.orchestrator.mark import Mark
from tests.builders import AT, event, message, uuid


def at(second: float) -> datetime:
    """A moment."""
    return AT + timedelta(seconds=second)


def found(*events: Any) -> Egress:
    """A position after events, a second between them."""
    state: Egress | None = None
    for second, one in enumerate(events):
        state = egress.evolve(state, one, Mark(position=second + 1, at=at(second)))
    assert state is not None
    return state


def verified(process: int = 1) -> EgressVerified:
    return event(EgressVerified, process=uuid(process), code="verified")


def leaked(process: int = 1) -> EgressLeaked:
    return event(EgressLeaked, process=uuid(process), code="dns-asked")


def unsure(process: int = 1, code: str = "tunnel-down") -> EgressInconclusive:
    return event(EgressInconclusive, process=uuid(process), mode="anon", code=code)


@pytest.mark.parametrize(
    ("changed", "is_news"),
    [
        ({}, False),
        ({"details": {"ports": "1"}, "at": at(9)}, False),
        ({"verdict": "leaked"}, True),
        ({"code": "other"}, True),
        ({"mode": "direct"}, True),
        ({"process": uuid(2)}, True),
    ],
)
def test_a_check_is_news_when_it_came_to_something_else(changed: dict[str, Any], is_news: bool) -> None:  # noqa: FBT001
    """And when it is the first of its process, whatever another process found before."""
    fact = message(EgressChecked, process=uuid(1), verdict="verified", code="verified", mode="anon")

    assert is_news == bool(observe(message(EgressChecked, **{**_fields(fact), **changed}), found(verified())))
    assert observe(fact, None)


def _fields(fact: EgressChecked) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in ("process", "verdict", "code", "mode")}


def test_processes_at_one_position_stand_beside_each_other() -> None:
    """One that is well does not speak for one that leaks."""
    both = found(leaked(1), verified(2))

    assert {str(uuid(1)), str(uuid(2))} == set(both.processes)
    assert str(uuid(1)) == worst(both.processes)


def test_who_went_silent_makes_room_for_the_next() -> None:
    """After a restart only the new process is left."""
    assert {str(uuid(2))} == set(found(verified(1), unsure(1, SILENT), verified(2)).processes)


@given(st.lists(st.integers(1, 200), min_size=1, max_size=300))
def test_a_position_does_not_grow_for_ever(numbers: list[int]) -> None:
    """However many processes there have been; the last one is always among those that are kept."""
    state = found(*(verified(number) for number in numbers))

    assert len(state.processes) <= egress._MOST_PROCESSES
    assert str(uuid(numbers[-1])) in state.processes


def test_the_newest_counts_when_none_is_heard_of() -> None:
    """A leak is not forgotten by its process going silent, but by another process that is well."""
    state = found(verified(1), leaked(2))
    now = at(100)

    assert {str(uuid(2))} == set(heard_last(state, {}, now))
    assert {str(uuid(1))} == set(heard_last(state, {str(uuid(1)): at(101)}, now))
    assert {} == heard_last(Egress(), {}, now)

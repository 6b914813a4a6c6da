"""When a backend's circuit breaker opens, and when it is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.events.backend import BackendFaulted, BackendObserved, BackendProved
from schemas.events.job import CancelRequested, JobDispatched, JobStarted
from schemas.facts import RenderFailed, RenderSucceeded
from services.orchestrator import backend, job
from services.orchestrator.backend import Backend
from services.orchestrator.blame import blame
from services.orchestrator.breaker import FAULTS, Breaker, faulted
from services.orchestrator.job import Job
from services.orchestrator.mark import Mark
from tests.builders import AT, EVENTS, JOB, REPORT, event, message


def after(breaker: Breaker, *faults: tuple[int, str]) -> Breaker:
    """After faults, each at so many seconds."""
    for second, code in faults:
        breaker = faulted(breaker, code, AT + timedelta(seconds=second))
    return breaker


def standing(breaker: Breaker, second: int) -> str:
    """How it stands at a second."""
    return breaker.standing(AT + timedelta(seconds=second))


def test_some_faults_in_a_row_open_it() -> None:
    """One less does not."""
    few = after(Breaker(), *[(n, "backend-answer") for n in range(FAULTS - 1)])

    assert ("closed", "open") == (standing(few, 5), standing(after(few, (5, "backend-answer")), 5))


def test_a_wedged_backend_is_left_alone_at_once() -> None:
    """Whatever else it is given would hang as well."""
    assert "open" == standing(after(Breaker(), (0, "backend-wedged")), 29)


def test_it_is_tried_again_and_again_after_longer() -> None:
    """Each probe that fails doubles the cool-down, up to ten minutes; it counts from the last fault."""
    breaker, second, cool_downs = Breaker(), 0, []
    for _ in range(7):
        breaker = after(breaker, (second, "backend-wedged"))
        assert breaker.open_until is not None
        cool_downs.append(int((breaker.open_until - AT).total_seconds()) - second)
        second += cool_downs[-1]
        assert ("open", "half-open") == (standing(breaker, second - 1), standing(breaker, second))

    assert [30, 60, 120, 240, 480, 600, 600] == cool_downs
    assert AT == breaker.broken_since


def test_what_was_under_way_when_it_opened_does_not_double_it() -> None:
    """It only begins the cool-down anew."""
    breaker = after(Breaker(), (0, "backend-wedged"), (10, "backend-wedged"))

    assert ("open", "half-open") == (standing(breaker, 39), standing(breaker, 40))


def test_a_finished_job_closes_it() -> None:
    """And forgets the faults; a report that it answers does neither."""
    state: Backend | None = None
    for number, happened in enumerate(
        (event(BackendObserved), *[event(BackendFaulted)] * 3, event(BackendObserved, report=REPORT))
    ):
        state = backend.evolve(state, happened, Mark(position=number, at=AT))
    assert state is not None
    assert "open" == standing(state.breaker, 1)

    proved = backend.evolve(state, event(BackendProved), Mark(position=9, at=AT))
    assert Breaker() == proved.breaker


def running(*failed_on: str, cancelling: bool = False) -> Job:
    """A job with the backend ``gpu``."""
    now: Job | None = None
    steps = (EVENTS[4], event(JobDispatched), event(JobStarted), *[CancelRequested()] * cancelling)
    for number, happened in enumerate(steps, start=1):
        now = job.evolve(now, happened, Mark(position=number, at=AT))  # pyright: ignore[reportArgumentType]
    assert now is not None
    return replace(now, failed_on=failed_on)


WHERE = Backend(report=REPORT)
FAULTED = Backend(report=REPORT, breaker=Breaker(faults=1))
AWAY = Backend(report=replace(REPORT, reachable=False))


@pytest.mark.parametrize(
    ("code", "now", "where", "expected"),
    [
        ("backend-unreachable", running(), WHERE, [BackendFaulted]),
        ("backend-unreachable", running("gpu"), WHERE, [BackendFaulted]),
        ("gpu-failed", running(), WHERE, [BackendFaulted]),
        ("backend-lost-job", running(), WHERE, [BackendFaulted]),
        ("backend-lost-job", running("gpu"), WHERE, []),
        ("backend-lost-job", running("other"), WHERE, [BackendFaulted]),
        ("node-failed", running(), WHERE, []),
        ("out-of-memory", running(), WHERE, []),
        ("missing-model", running(), WHERE, []),
        ("bad-input-image", running(), WHERE, []),
        ("interrupted-elsewhere", running(), WHERE, []),
        ("backend-unreachable", running(cancelling=True), WHERE, []),
        ("backend-unreachable", running(), AWAY, []),
        ("", running(), WHERE, []),
        ("", running(), FAULTED, [BackendProved]),
        ("no pictures", running(), FAULTED, [BackendFaulted]),
    ],
)
def test_who_is_to_blame(code: str, now: Job, where: Backend, expected: list[Any]) -> None:
    """A backend for its own faults, once for what the job may have brought about, and never for the rest."""
    fact: Any = message(RenderFailed, code=code)
    if not code:
        fact = message(RenderSucceeded)
    elif code == "no pictures":
        fact = message(RenderSucceeded, images=())

    assert expected == [type(append.event) for append in blame(JOB, fact, now, where)]


def test_an_older_attempt_blames_nobody() -> None:
    """It was judged when it was given up."""
    assert [] == blame(JOB, message(RenderFailed, attempt=2, code="gpu-failed"), running(), WHERE)

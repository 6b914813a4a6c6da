"""What an event makes due outside the log."""

from __future__ import annotations

import pytest

from schemas.envelope import Recorded
from schemas.events import Event
from schemas.events.answer import AnswerGiven, AnswerShown
from schemas.events.backend import BackendObserved
from schemas.events.image import ImageRendered
from schemas.events.job import (
    AttemptFailed,
    CancelRequested,
    HostPurged,
    JobDispatched,
    JobFailed,
    JobRequested,
    JobStarted,
    JobSucceeded,
    OutcomeShown,
    StatusShown,
)
from schemas.events.session import ImageSelected
from schemas.events.workflow import WorkflowBound
from services.orchestrator.effects import Due, Stray, effects
from tests.builders import AT, ENTRY, IMAGE, JOB, SESSION, event, uuid

ONE = {JOB: None}
STRAY = Stray(job_id=JOB, attempt=1, backend="gpu")


def recorded(stream: str, happened: Event, position: int = 1) -> Recorded:
    """An event where it stands in the log."""
    return Recorded(
        position=position,
        stream=stream,
        version=1,
        event_id=uuid(position),
        cause=uuid(0),
        at=AT,
        event=happened,
    )


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        (JobRequested, Due(jobs=ONE, queue=True)),
        (JobDispatched, Due(jobs=ONE, attempts=ONE, queue=True)),
        (JobStarted, Due(jobs=ONE)),
        (AttemptFailed, Due(jobs=ONE, queue=True, strays={STRAY: None})),
        (JobSucceeded, Due(jobs=ONE)),
        (JobFailed, Due(jobs=ONE)),
        (CancelRequested, Due(jobs=ONE, cancels=ONE)),
        (StatusShown, Due()),
        (OutcomeShown, Due()),
        (HostPurged, Due()),
    ],
)
def test_of_a_job(kind: type[Event], due: Due) -> None:
    """All is shown but what the channel reported, and tidying up; only a dispatch and a cancel are orders."""
    assert due == effects([recorded(f"job-{JOB}", event(kind))])


@pytest.mark.parametrize(
    ("stream", "kind", "due"),
    [
        (f"answer-{ENTRY}", AnswerGiven, Due(answers={ENTRY: None})),
        (f"answer-{ENTRY}", AnswerShown, Due()),
        ("backend-gpu", BackendObserved, Due(queue=True)),
        (f"session-{SESSION}", ImageSelected, Due()),
        (f"image-{IMAGE}", ImageRendered, Due()),
        ("command-f", WorkflowBound, Due()),
    ],
)
def test_of_everything_else(stream: str, kind: type[Event], due: Due) -> None:
    """An answer is shown, a backend's change is told to those who wait, the rest is nobody's to be told."""
    assert due == effects([recorded(stream, event(kind))])


def test_only_what_may_run_yet_is_stopped() -> None:
    """An attempt that was seen to end needs no cancellation; one that nobody could look at does."""
    failed = event(AttemptFailed, code="node-failed")
    assert Due(jobs=ONE, queue=True) == effects([recorded(f"job-{JOB}", failed)])

    for_good = event(JobFailed, code="backend-unreachable")
    assert Due(jobs=ONE, cancels=ONE) == effects([recorded(f"job-{JOB}", for_good)])


def test_what_many_events_ask_for_is_due_once() -> None:
    """It is the state that is shown, not the steps."""
    kinds = (JobRequested, JobDispatched, JobStarted, JobSucceeded)
    steps = [recorded(f"job-{JOB}", event(kind), n) for n, kind in enumerate(kinds, start=1)]

    assert Due(jobs=ONE, attempts=ONE, queue=True) == effects(steps)


def test_parts_are_bounded_and_lose_nothing() -> None:
    """However much is due at once, it is composed a part at a time."""
    jobs = {uuid(n): None for n in range(25)}
    parts = [*Due(jobs=jobs, answers={ENTRY: None}).parts(10)]

    assert [10, 10, 5] == [len(part.jobs) for part in parts]
    assert jobs == {name: None for part in parts for name in part.jobs}
    assert [1, 0, 0] == [len(part.answers) for part in parts]
    assert [] == [*Due().parts(10)]

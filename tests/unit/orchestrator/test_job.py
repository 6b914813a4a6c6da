"""What becomes of a job, told by events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import codec, facts
from schemas.commands import ReportMediaMissing, ReportOutcomeShown
from schemas.events.image import ImageRendered
from schemas.events.job import (
    AttemptFailed,
    CancelRequested,
    HostPurged,
    JobCancelled,
    JobDispatched,
    JobEvent,
    JobFailed,
    JobRequested,
    JobStarted,
    JobSucceeded,
)
from schemas.events.session import ImageSelected
from schemas.facts import RenderCancelled, RenderFailed, RenderStarted, RenderSucceeded
from services.orchestrator import job, outcome
from services.orchestrator.job import Job
from services.orchestrator.mark import Mark
from services.orchestrator.outcome import MAX_ATTEMPTS, Cancel
from tests.builders import AT, JOB, event, message

DISPATCHED = event(JobDispatched)
STARTED = event(JobStarted)


def given_events(*events: JobEvent) -> Job:
    """The job after it was requested and *events* happened."""
    state: Job | None = None
    for position, happened in enumerate((event(JobRequested), *events), start=1):
        state = job.evolve(state, happened, Mark(position=position, at=AT + timedelta(seconds=position)))
    assert state is not None
    return state


def decided(now: Job, asked: Any, keys: tuple[bytes, ...] = ()) -> list[Any]:
    """The events that a message leads to."""
    return [append.event for append in outcome.decide(JOB, asked, now, keys)]


def test_a_success_ends_the_job_and_grows_the_tree() -> None:
    """Each picture joins the tree, the job ends, and the first picture is the current one."""
    events = decided(given_events(DISPATCHED, STARTED), message(RenderSucceeded), (b"key",))

    assert [ImageRendered, JobSucceeded, ImageSelected] == [type(e) for e in events]
    assert events[1].images[0] == events[2].image_id


def test_a_success_of_an_older_attempt_is_ignored() -> None:
    """A late result of an attempt that was given up makes no second outcome."""
    now = given_events(DISPATCHED, event(AttemptFailed), event(JobDispatched, attempt=2))

    assert [] == decided(now, message(RenderSucceeded), (b"key",))


@pytest.mark.parametrize("fact", [RenderStarted, RenderSucceeded, RenderFailed, RenderCancelled, Cancel])
def test_nothing_moves_an_ended_job(fact: Any) -> None:
    """After its outcome no message changes what it was."""
    now = given_events(DISPATCHED, event(JobSucceeded))
    asked = Cancel() if fact is Cancel else message(fact)

    assert [] == decided(now, asked, (b"key",))


def test_a_retryable_failure_goes_back_into_the_queue_and_waits() -> None:
    """The next attempt is not before some seconds, twice as many after each failure."""
    [failed] = decided(given_events(DISPATCHED), message(RenderFailed))
    assert isinstance(failed, AttemptFailed)

    after = given_events(DISPATCHED, failed)
    assert "queued" == after.status
    assert after.not_before is not None
    assert after.not_before > after.changed_at


def test_the_last_attempt_fails_for_good() -> None:
    """After so many attempts the person is told why."""
    now = given_events(event(JobDispatched, attempt=MAX_ATTEMPTS))
    [failed] = decided(now, message(RenderFailed, attempt=MAX_ATTEMPTS))

    assert isinstance(failed, JobFailed)
    assert "out-of-memory" == failed.code


def test_a_failure_that_cannot_be_mended_is_not_tried_again() -> None:
    """A missing model fails at once."""
    [failed] = decided(given_events(DISPATCHED), message(RenderFailed, retryable=False, code="missing-model"))

    assert isinstance(failed, JobFailed)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), [JobCancelled]),
        ((DISPATCHED,), [CancelRequested]),
        ((DISPATCHED, STARTED), [CancelRequested]),
        ((DISPATCHED, CancelRequested()), []),
    ],
)
def test_cancelling(events: tuple[JobEvent, ...], expected: list[type]) -> None:
    """A queued job is cancelled at once, one in flight when the renderer has looked, and twice is once."""
    assert expected == [type(e) for e in decided(given_events(*events), Cancel())]


def test_a_picture_that_came_before_the_cancellation_is_delivered() -> None:
    """Cancelling too late loses nothing: the picture is there, so it is shown."""
    now = given_events(DISPATCHED, STARTED, CancelRequested())

    assert JobSucceeded in [type(e) for e in decided(now, message(RenderSucceeded), (b"key",))]


def test_a_failure_while_cancelling_is_a_cancellation() -> None:
    """Nobody wants another attempt of what they cancelled."""
    now = given_events(DISPATCHED, CancelRequested())

    assert [JobCancelled()] == decided(now, message(RenderFailed))


def test_a_success_without_pictures_is_a_failure() -> None:
    """There is nothing to show, so it is tried again."""
    [failed] = decided(given_events(DISPATCHED), message(RenderSucceeded, images=()))

    assert isinstance(failed, AttemptFailed)
    assert "no-output" == failed.code


def test_a_picture_lost_too_often_is_a_failure_without_pictures() -> None:
    """What can't be shown any more is not part of the outcome, or the outcome could never be shown."""
    done = given_events(event(JobDispatched, attempt=MAX_ATTEMPTS), event(JobSucceeded))
    [failed] = decided(done, message(ReportMediaMissing, attempt=MAX_ATTEMPTS))
    assert isinstance(failed, JobFailed)

    after = job.evolve(done, failed, Mark(position=99, at=AT))
    assert ("failed", ()) == (after.status, after.images)


def test_a_picture_lost_before_it_was_shown_is_made_again() -> None:
    """The media store lost it: the job goes back into the queue, but not once it was shown."""
    done = given_events(DISPATCHED, event(JobSucceeded))
    assert [AttemptFailed] == [type(e) for e in decided(done, message(ReportMediaMissing))]

    shown = given_events(DISPATCHED, event(JobSucceeded), *decided(done, message(ReportOutcomeShown)))
    assert [] == decided(shown, message(ReportMediaMissing))


_MESSAGES = st.one_of(
    *(
        st.builds(lambda kind=kind, n=n: message(kind, attempt=n))
        for kind in (RenderStarted, RenderSucceeded, RenderFailed, RenderCancelled, ReportMediaMissing)
        for n in (1, 2, 3)
    ),
    st.just(Cancel()),
    st.just(message(ReportOutcomeShown)),
    st.just("dispatch"),
)


@given(st.lists(_MESSAGES, max_size=40))
def test_whatever_comes_a_job_has_at_most_one_outcome(messages: list[Any]) -> None:
    """In any order, late or twice: at most one outcome, attempts never above the limit, no error."""
    now = given_events()
    outcomes = 0
    for position, asked in enumerate(messages, start=10):
        if asked == "dispatch":
            events = [JobDispatched(attempt=now.attempt + 1, backend="gpu")] if now.status == "queued" else []
        else:
            before = now.has_ended
            events = [e for e in decided(now, asked, (b"key",)) if isinstance(e, JobEvent)]
            assert not (
                before and any(isinstance(e, JobSucceeded | JobFailed | JobCancelled) for e in events)
            )
        for happened in events:
            now = job.evolve(now, happened, Mark(position=position, at=AT))
            outcomes += isinstance(happened, JobSucceeded | JobFailed | JobCancelled)
            outcomes -= isinstance(happened, AttemptFailed) and happened.code == "media-missing"
    assert 0 <= outcomes <= 1
    assert now.attempt <= MAX_ATTEMPTS
    assert now.has_ended == (outcomes == 1)


def test_a_purge_is_recorded_once() -> None:
    """That a host has deleted an attempt's traces is recorded, whatever became of the job, and only once."""
    fact = message(facts.HostPurged)
    running = given_events(DISPATCHED, STARTED)
    purged = HostPurged(attempt=1, backend="gpu", files=1, inputs=0, history=True)

    assert [purged] == decided(running, fact)
    assert [] == decided(given_events(DISPATCHED, STARTED, purged), fact)


def test_a_purge_of_an_attempt_that_never_was() -> None:
    """A fact about an attempt that the log does not know is not recorded."""
    assert [] == decided(given_events(), message(facts.HostPurged))


def test_a_purge_is_no_sign_of_life() -> None:
    """A job of which traces were deleted stands as before, and changed when it changed before."""
    before = given_events(DISPATCHED, STARTED)
    after = given_events(DISPATCHED, STARTED, event(HostPurged))

    assert not before.is_purged(1)
    assert after.is_purged(1)
    assert not after.is_purged(2)
    assert (before.status, before.changed_at) == (after.status, after.changed_at)


def test_rows_of_before_there_were_purges() -> None:
    """A job that was never purged is stored as it was before there were purges."""
    assert b"purged" not in codec.encode(given_events(DISPATCHED))

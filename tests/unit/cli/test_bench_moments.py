"""When a job came how far, out of what passed on NATS meanwhile."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from schemas import codec, subjects
from schemas.commands import ReportOutcomeShown, RequestRender
from schemas.dispatch import RenderAttempt
from schemas.envelope import Message
from schemas.facts import RenderSucceeded
from schemas.replies import Entry, Status
from services.cli.bench.bare_client import QueueLength
from services.cli.bench.observer import Moments, Seen, moments
from services.common.errors import UnavailableError
from tests import builders

JOB = builders.uuid(501)
OTHER = builders.uuid(502)

COMMAND = subjects.inbox_command(builders.SESSION)
FACT = subjects.inbox_fact("gpu")
ORDER = subjects.render_attempt("gpu")
REPLY = subjects.reply("web", builders.SESSION)
LENGTHS = (
    QueueLength(at_s=4.0, remaining=1),
    QueueLength(at_s=5.0, remaining=0),
    QueueLength(at_s=5.5, remaining=0),
)


def passed(at_s: float, subject: str, body: msgspec.Struct) -> Seen:
    """Something on NATS."""
    message = Message(message_id=builders.uuid(1), at=builders.AT, body=body)
    return Seen(at_s=at_s, subject=subject, data=codec.encode(message))


def entry(at_s: float, job_id: UUID, status: Status) -> Seen:
    """How a job stands."""
    return passed(at_s, REPLY, builders.message(Entry, entry_id=job_id, status=status))


COMMANDED = passed(2.0, COMMAND, builders.message(RequestRender, job_id=JOB))
ORDERED = passed(3.0, ORDER, builders.message(RenderAttempt, job_id=JOB))
MADE = passed(6.0, FACT, builders.message(RenderSucceeded, job_id=JOB))
SHOWN = entry(7.0, JOB, "done")


def way(*seen: Seen) -> Moments:
    """The job's, which was said at 1, shown at 8 and fetched at 9."""
    return moments(JOB, seen, LENGTHS, said_s=1.0, shown_s=8.0, fetched_s=9.0)


def test_every_stage_begins_where_the_last_one_ends() -> None:
    """Each moment is the first message that tells of it, and the queue's own first change."""
    assert [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0] == way(COMMANDED, ORDERED, MADE, SHOWN).stages()


@pytest.mark.parametrize("at_s", [2.5, 5.9, 6.5, 7.5])
@pytest.mark.parametrize("status", ["queued", "preparing", "running"])
def test_it_does_not_matter_how_often_it_is_shown_on_the_way(at_s: float, status: Status) -> None:
    """Not at all, early, or only when the picture was there already: the outcome counts."""
    without = way(COMMANDED, ORDERED, MADE, SHOWN)
    seen = sorted((COMMANDED, ORDERED, MADE, SHOWN, entry(at_s, JOB, status)), key=lambda one: one.at_s)

    assert without == way(*seen)


def test_what_is_sent_twice_counts_once() -> None:
    """The orchestrator may send again what is there already."""
    again = passed(6.5, ORDER, builders.message(RenderAttempt, job_id=JOB))

    assert way(COMMANDED, ORDERED, MADE, SHOWN) == way(
        COMMANDED, ORDERED, MADE, again, SHOWN, entry(7.8, JOB, "done")
    )


def test_what_is_left_of_the_job_before_is_passed_over() -> None:
    """Its outcome is told late, and reported as shown; something on NATS can't even be read."""
    before = (
        entry(1.1, OTHER, "done"),
        passed(1.2, COMMAND, builders.message(ReportOutcomeShown, job_id=JOB)),
        passed(1.3, ORDER, builders.message(RenderAttempt, job_id=OTHER)),
        passed(1.4, FACT, builders.message(RenderSucceeded, job_id=OTHER)),
        Seen(at_s=1.5, subject=COMMAND, data=b"nonsense"),
    )

    assert way(COMMANDED, ORDERED, MADE, SHOWN) == way(*before, COMMANDED, ORDERED, MADE, SHOWN)


@pytest.mark.parametrize("lost", [COMMANDED, ORDERED, MADE, SHOWN])
def test_a_way_that_was_not_seen_whole_is_no_measurement(lost: Seen) -> None:
    """Without any one of its messages nothing is told."""
    seen = [one for one in (COMMANDED, ORDERED, MADE, SHOWN) if one is not lost]

    with pytest.raises(UnavailableError):
        way(*seen)

"""Jobs and answers as a channel is to show them."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace

from schemas.events.answer import AnswerGiven
from schemas.events.job import JobRequested
from schemas.private import Address, EntrySecrets, MessageAddress, RequestSecrets, Words
from schemas.replies import Picture
from services.orchestrator import view
from services.orchestrator.answer import Answer
from services.orchestrator.image import Image
from services.orchestrator.job import ENDED, Job, Status
from tests.builders import AT, ENTRY, IMAGE, JOB, MEDIA, PERSON, SEALED, SESSION, event, uuid

JOB_NOW = Job(
    requested=event(JobRequested, inputs=(uuid(70), uuid(71))),
    at=AT,
    position=3,
    params=event(JobRequested).params,
    queued_at=AT,
    changed_at=AT,
    images=(IMAGE,),
)
IMAGES = {
    name: Image(session_id=SESSION, person_id=PERSON, media=MEDIA, private=SEALED, position=1)
    for name in (IMAGE, uuid(70))
}


def entry(now: Job) -> view.Entry:
    """The job's entry at log position 12."""
    return view.job_entry(
        JOB, now, IMAGES, SEALED, title="FLUX", version=12, position=2, eta_s=9.5, simulated=True
    )


def test_a_job_is_shown_as_it_stands() -> None:
    """With its place, what it was made from as far as that is known, and what came of it."""
    shown = entry(JOB_NOW)

    assert (JOB, SESSION, 12, AT) == (shown.entry_id, shown.session_id, shown.version, shown.at)
    assert ("queued", 2, 9.5, True) == (shown.status, shown.position, shown.eta_s, shown.simulated)
    assert (Picture(image_id=uuid(70), media=MEDIA),) == shown.inputs
    assert (Picture(image_id=IMAGE, media=MEDIA),) == shown.pictures


def test_a_job_rendered_smaller_says_so() -> None:
    """With the size that it was rendered in."""
    small = replace(JOB_NOW.params, width_px=512)
    shown = entry(replace(JOB_NOW, params=small, details={"a": "b"}))

    assert (small, {"a": "b", "smaller": "1"}) == (shown.params, shown.details)
    assert {} == entry(JOB_NOW).details


@pytest.mark.parametrize("status", get_args(Status))
def test_every_status_has_one_to_show(status: Status) -> None:
    """What has ended shows as ended, and nothing else does."""
    shown = entry(replace(JOB_NOW, status=status)).status

    assert (status in ENDED) == (shown in {"done", "failed", "cancelled"})


def test_an_answer_is_words_and_pictures() -> None:
    """It has no place in line and no parameters."""
    given = event(AnswerGiven, code="selected", details={"a": "b"}, images=(IMAGE,))
    shown = view.answer_entry(ENTRY, Answer(given=given, at=AT, position=4), IMAGES, SEALED, version=12)

    assert ("answered", "selected", {"a": "b"}) == (shown.status, shown.code, shown.details)
    assert ((Picture(image_id=IMAGE, media=MEDIA),), 12) == (shown.pictures, shown.version)


def test_a_channel_learns_what_it_needs_and_no_more() -> None:
    """What describes the picture is not among it, nor are keys."""
    asked = RequestSecrets(
        words=Words(said="/f a cat", prompt="a cat"),
        asked_in=MessageAddress(chat_id=1, message_id=2),
        upload_keys={IMAGE: b"k"},
    )
    chat, shown_in = Address(chat_id=1), MessageAddress(chat_id=1, message_id=3)

    assert EntrySecrets(
        said="/f a cat", chat=chat, asked_in=asked.asked_in, shown_in=shown_in
    ) == view.entry_secrets(asked, chat, shown_in)

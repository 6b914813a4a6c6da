"""What the page is sent."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace

from schemas import replies
from schemas.media import StillRef
from schemas.progress import Progress
from services.ingress.offers import Offer
from services.ingress.web.wire import page_entry, page_offer, page_progress
from tests import builders

STILL = StillRef(
    media_id=builders.uuid(20),
    sealed_sha256="b" * 64,
    size_bytes=9,
    mime="image/jpeg",
    width_px=64,
    height_px=48,
)


def test_an_entry_has_exactly_the_fields_that_the_page_reads() -> None:
    """The contract with the page: names, addresses, RFC 3339."""
    data = msgspec.json.decode(msgspec.json.encode(page_entry(builders.ENTRY_SHOWN, "/f a cat")))
    picture = {"id": str(builders.IMAGE), "url": f"/media/{builders.IMAGE}", "mime": "image/png"}
    file = {"nature": "still", "poster": "", "file": f"darkroom-{str(builders.IMAGE)[:8]}.png"}
    size = {"width": 64, "height": 48, "duration": 0.0, **file}

    assert {"id", "version", "at", "said", "inputs", "status", "text", "pictures", "buttons"} == set(data)
    assert (str(builders.JOB), 9, "2026-11-23T12:00:00Z", "/f a cat", "done") == (
        data["id"], data["version"], data["at"], data["said"], data["status"]
    )  # fmt: skip
    assert [{**picture, **size, "alt": "a cat"}] == data["pictures"]
    assert [{**picture, **size, "alt": "Picture to edit"}] == data["inputs"]
    assert ["vary"] == [button["action"] for button in data["buttons"]]


@pytest.mark.parametrize("status", sorted(set(get_args(replies.Status)) - {"answered"}))
def test_a_job_keeps_its_status(status: replies.Status) -> None:
    """Only answers have another name on the page."""
    assert status == page_entry(replace(builders.ENTRY_SHOWN, status=status), "").status


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        *(
            (code, "note")
            for code in ("help", "queue", "queue-empty", "privacy", "tree", "imported", "selected")
        ),
        *((code, "refused") for code in ("unknown-command", "no-picture", "queue-full", "some-new-code")),
    ],
)
def test_an_answer_is_a_note_or_a_refusal(code: str, shown: str) -> None:
    """A code that is not known to be an answer is a refusal: something asked for was not done."""
    answer = replace(builders.ENTRY_SHOWN, status="answered", code=code, pictures=())

    assert shown == page_entry(answer, "").status


def test_nothing_sealed_is_sent() -> None:
    """Neither the sealed part nor where the media lie."""
    data = msgspec.json.encode(page_entry(builders.ENTRY_SHOWN, ""))

    assert b"sealed" not in data
    assert str(builders.MEDIA.media_id).encode() not in data


OFFER = Offer(
    workflows=(builders.SPEC, builders.EDIT_SPEC),
    able=(builders.SPEC.digest,),
    simulated=False,
)


def test_workflows_are_offered_before_talk() -> None:
    """Each with its slash; the notice only when pictures are simulated."""
    offer = page_offer(OFFER)
    commands = [command.command for command in offer.commands]

    assert ["/f", "/qwen"] == commands[:2]
    assert {"/queue", "/privacy", "/help", "/undo"} <= set(commands)
    assert ["image", "edit"] == [command.kind for command in offer.commands[:2]]
    assert "" == offer.notice
    assert page_offer(replace(OFFER, simulated=True)).notice


def test_what_a_command_takes_is_said() -> None:
    """Or that nobody can do it now, which is no reason to hide it."""
    first, second = page_offer(OFFER).commands[:2]

    assert (True, True) == (first.able, first.words)
    assert "a picture from words · --seed --size --steps -n" == first.hint
    assert (False, "no machine here can do this just now") == (second.able, second.hint)


def test_progress_names_its_entry() -> None:
    """And how far it is, with the picture so far."""
    shown = page_progress(builders.message(Progress), b"\xff\xd8\xff")
    data = msgspec.json.decode(msgspec.json.encode(shown))

    assert (builders.JOB, 75.0) == (shown.id, shown.percent)
    assert "3 of 4" in shown.text
    assert "/9j/" == data["preview"]


@pytest.mark.parametrize(("told", "percent"), [(-1.0, 0.0), (250.0, 100.0), (float("inf"), 100.0)])
def test_no_bar_is_longer_than_its_track(told: float, percent: float) -> None:
    """Whatever a renderer says."""
    assert percent == page_progress(builders.message(Progress, percent=told), b"").percent


def test_a_video_is_sent_with_its_poster() -> None:
    """And with what a player can't know before it has begun to load."""
    film = replace(
        builders.PICTURE,
        media=replace(builders.MEDIA, mime="video/mp4", duration_s=5.06, poster=STILL),
    )
    shown = page_entry(replace(builders.ENTRY_SHOWN, pictures=(film,)), "/wan a goose").pictures[0]

    assert ("video", f"/media/{builders.IMAGE}?poster", 5.06) == (shown.nature, shown.poster, shown.duration)
    assert f"darkroom-{str(builders.IMAGE)[:8]}.mp4" == shown.file

"""Given an entry, then these words and buttons."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from schemas.params import RenderParams
from schemas.progress import Progress
from schemas.replies import Entry, Picture
from services.ingress.presentation import present, progress_text
from tests import builders

FILM = Picture(
    image_id=builders.IMAGE,
    media=replace(builders.MEDIA, mime="video/mp4", width_px=832, height_px=480, duration_s=5.1),
)

SOUND = Picture(
    image_id=builders.IMAGE,
    media=replace(builders.MEDIA, mime="audio/mpeg", width_px=0, height_px=0, duration_s=95.0),
)

WAITING = (
    "Waiting: no machine that can make this is in reach now (gpu). Yours starts by itself when one is back."
)


def entry(**changed: Any) -> Entry:
    """A queued job."""
    plain: dict[str, Any] = {"status": "queued", "pictures": (), "inputs": (), "simulated": False}
    return replace(builders.ENTRY_SHOWN, **{**plain, "params": RenderParams(), **changed})


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, "Queued."),
        ({"position": 1}, "Queued, 1st in line."),
        ({"position": 2, "eta_s": 19.6}, "Queued, 2nd in line, about 20 s."),
        ({"position": 23, "eta_s": 600.0}, "Queued, 23rd in line, about 10 min."),
        ({"position": 11, "eta_s": 9000.0}, "Queued, 11th in line, about 2 h."),
        ({"attempt": 2}, "Queued. (2nd try)"),
        (
            {"code": "waiting-for-backend", "details": {"backend": "gpu"}},
            WAITING,
        ),
        ({"code": "out-of-memory", "position": 1}, "Queued, 1st in line."),
        ({"status": "preparing"}, "Preparing…"),
        ({"status": "running", "attempt": 3}, "Rendering… (3rd try)"),
        ({"status": "cancelling"}, "Stopping…"),
        ({"status": "cancelled"}, "Cancelled. Nothing was made."),
        (
            {"status": "answered", "code": "queue-empty"},
            "Nothing of yours is waiting or being made.",
        ),
        (
            {"status": "failed", "code": "takes-at-most", "details": {"most": "3"}},
            "/f works with up to 3 pictures at once. Send fewer.",
        ),
        (
            {
                "status": "done",
                "title": "FLUX schnell",
                "params": RenderParams(seed=7),
                "pictures": (builders.PICTURE,),
                "simulated": True,
            },
            "FLUX schnell · seed 7 · 64\u00d748 · simulated, no model",
        ),
        (
            {"status": "done", "pictures": (FILM,), "title": "Wan"},
            "Wan · 832\u00d7480 · 5 s",
        ),
        (
            {"status": "done", "pictures": (FILM, FILM), "title": "Wan"},
            "Wan · 832\u00d7480 · 5 s",
        ),
        (
            {"status": "done", "pictures": (builders.PICTURE, FILM, SOUND), "title": "Mine"},
            "Mine",
        ),
        (
            {"status": "done", "pictures": (SOUND,), "title": "Ace"},
            "Ace · 2 min",
        ),
        (
            {"status": "done", "pictures": (FILM,), "title": "Wan", "details": {"smaller": "1"}},
            "Wan · 832\u00d7480 · 5 s\nSmaller than asked: the machine's memory did not suffice for that.",
        ),
        (
            {"status": "failed", "code": "node-failed"},
            "Something went wrong while making it. Try again, or ask a little differently.",
        ),
        (
            {"status": "failed", "code": "takes-at-most", "details": {"most": "/srv/most"}},
            "/f works with up to most pictures at once. Send fewer.",
        ),
    ],
)
def test_words(changed: dict[str, Any], text: str) -> None:
    """Only what is known is said."""
    assert text == present(entry(**changed), "/f a cat").text


@pytest.mark.parametrize(
    ("status", "actions", "more"),
    [
        ("queued", ["cancel"], "more"),
        ("preparing", ["cancel"], "more"),
        ("running", ["cancel"], "more"),
        ("cancelling", [], "more"),
        ("done", ["vary"], "final"),
        ("failed", ["again"], "final"),
        ("cancelled", ["again"], "final"),
        ("answered", [], "final"),
    ],
)
def test_buttons(status: str, actions: list[str], more: str) -> None:
    """What can be done with it now, and whether more is to come."""
    shown = present(entry(status=status, params=RenderParams(seed=7)), "")

    assert actions == [button.action for button in shown.buttons]
    assert (more == "final") == shown.is_final


def test_another_one_is_offered_only_where_it_would_be_another() -> None:
    """Without a seed there is only the one picture, and no seed to tell of."""
    shown = present(entry(status="done", title="Invert", pictures=(builders.PICTURE,)), "/invert")

    assert ("Invert · 64\u00d748", ()) == (shown.text, shown.buttons)


@pytest.mark.parametrize(
    ("said", "alt"), [("/f a cat --seed 3", "a cat"), ("a cat", "a cat"), ("/again", ""), ("", "")]
)
def test_pictures_are_described_in_the_persons_words(said: str, alt: str) -> None:
    """Without the command and the parameters."""
    assert alt == present(entry(status="done", pictures=(builders.PICTURE,)), said).alt


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"stage": "uploading"}, "Sending the picture to edit"),
        ({"stage": "rendering", "node": "Sampler", "step": 3, "steps": 4}, "Sampler, step 3 of 4"),
        ({"stage": "rendering", "node": "a\nb\x00" + "c" * 150}, "a b " + "c" * 115 + "…"),
        ({"stage": "rendering"}, "Rendering"),
        ({"stage": "folding"}, "Folding"),
        ({"stage": ""}, "Rendering"),
    ],
)
def test_progress(changed: dict[str, Any], text: str) -> None:
    """What is being done right now."""
    assert text == progress_text(Progress(job_id=builders.JOB, attempt=1, **changed))


@pytest.mark.parametrize("code", ["waiting-for-tunnel", "waiting-for-proof", "leak-found"])
def test_who_waits_for_the_tunnel_reads_so(code: str) -> None:
    """Instead of a place in a line that does not move."""
    text = present(entry(code=code, position=3), "").text

    assert text.startswith("Waiting: ")
    assert "by itself" in text
    assert "in line" not in text

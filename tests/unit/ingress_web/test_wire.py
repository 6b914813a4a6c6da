"""What the page is sent."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace

from schemas import replies
from schemas.progress import Progress
from services.ingress.web.wire import page_entry, page_history, page_progress
from tests import builders


def test_an_entry_has_exactly_the_fields_that_the_page_reads() -> None:
    """The contract with the page: names, addresses, RFC 3339."""
    data = msgspec.json.decode(msgspec.json.encode(page_entry(builders.ENTRY_SHOWN, "/f a cat")))
    picture = {"id": str(builders.IMAGE), "url": f"/media/{builders.IMAGE}", "mime": "image/png"}
    size = {"width": 64, "height": 48}

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


def test_the_history_offers_workflows_before_talk() -> None:
    """Each with its slash; the notice only when pictures are simulated."""
    history = page_history((), (builders.SPEC, builders.EDIT_SPEC), simulated=False)
    commands = [command.command for command in history.commands]

    assert ["/f", "/qwen"] == commands[:2]
    assert {"/queue", "/privacy", "/help", "/undo"} <= set(commands)
    assert ["image", "edit"] == [command.kind for command in history.commands[:2]]
    assert "" == history.notice
    assert page_history((), (), simulated=True).notice


def test_progress_names_its_entry() -> None:
    """Percent and a few words."""
    progress = Progress(job_id=builders.JOB, attempt=1, stage="render", step=3, steps=4, percent=75.0)
    shown = page_progress(progress)

    assert (builders.JOB, 75.0) == (shown.id, shown.percent)
    assert "3 of 4" in shown.text

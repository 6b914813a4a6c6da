"""What the page is sent: entries and commands as it draws them. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from schemas.catalogue import WorkflowSpec
from schemas.progress import Progress
from schemas.replies import Entry, Picture
from services.ingress.facts import line
from services.ingress.formats import Nature, file_name, nature
from services.ingress.offers import Offer
from services.ingress.presentation import present, progress_text
from services.ingress.shown import Button
from services.ingress.takes import described
from services.ingress.web.wording import sentence

Status = Literal[
    "queued", "preparing", "running", "cancelling", "done", "failed", "cancelled", "note", "refused"
]

# Answers that are what was asked for; any other answer tells why it was not done.
_NOTES = frozenset(
    {
        *("help", "privacy", "queue", "queue-empty", "tree", "tree-empty"),
        *("imported", "selected", "undone", "cancelling", "cancelled-ok"),
    }
)


class PagePicture(Struct, frozen=True, kw_only=True):
    """
    A picture, video or sound, and where its bytes are.

    Attributes:
        id: Which one.
        url: Its bytes.
        poster: A still picture of a video, or empty.
        nature: What it is shown as.
        mime: Its media type.
        file: What a download is called.
        width: In pixels, 0 for a sound.
        height: Likewise.
        duration: In seconds, 0 for what stands still.
        alt: What it shows, for those who can't see it.
    """

    id: UUID
    url: str
    poster: str
    nature: Nature
    mime: str
    file: str
    width: int
    height: int
    duration: float
    alt: str


class PageEntry(Struct, frozen=True, kw_only=True):
    """What was said, and what has come of it so far."""

    id: UUID
    version: int
    at: datetime
    said: str
    inputs: tuple[PagePicture, ...]
    status: Status
    text: str
    pictures: tuple[PagePicture, ...]
    buttons: tuple[Button, ...]


class PageCommand(Struct, frozen=True, kw_only=True):
    """
    Something to offer while a command is being typed.

    Attributes:
        command: With its slash.
        title: What it is called.
        kind: What it makes, or ``talk``.
        words: Whether words follow it.
        able: Whether it can be done now.
        hint: What it makes and takes.
    """

    command: str
    title: str
    kind: str
    words: bool
    able: bool
    hint: str


class PageOffer(Struct, frozen=True, kw_only=True):
    """What can be asked for now; ``notice`` is what everybody should know, or empty."""

    commands: tuple[PageCommand, ...]
    notice: str


class PageHistory(Struct, frozen=True, kw_only=True):
    """All there is to show now."""

    entries: tuple[PageEntry, ...]
    offer: PageOffer


class PageNotice(Struct, frozen=True, kw_only=True):
    """What everybody should know while there is no history to show."""

    notice: str


class PageProgress(Struct, frozen=True, kw_only=True):
    """How far a running entry is; ``preview`` is a JPEG of what has come of it so far, or empty."""

    id: UUID
    percent: float
    text: str
    preview: bytes


PageEvent = PageEntry | PageHistory | PageNotice | PageOffer | PageProgress

_TALK = tuple(
    PageCommand(command=f"/{name}", title=title, kind="talk", words=False, able=True, hint=hint)
    for name, title, hint in (
        ("again", "Again", "the last picture once more"),
        ("vary", "Vary", "the same words with another seed"),
        ("undo", "Undo", "back to the picture before the edit"),
        ("cancel", "Cancel", "stop what is being made"),
        ("queue", "Queue", "what is waiting"),
        ("tree", "Tree", "which picture was made from which"),
        ("privacy", "Privacy", "who can see what"),
        ("help", "Help", "what there is to say"),
    )
)


def page_entry(entry: Entry, said: str) -> PageEntry:
    """An entry, with the words its person typed."""
    shown = present(entry, said)
    return PageEntry(
        id=entry.entry_id,
        version=entry.version,
        at=entry.at,
        said=said,
        inputs=tuple(_picture(picture, "Picture to edit") for picture in entry.inputs),
        status=_status(entry),
        text=shown.text,
        pictures=tuple(_picture(picture, shown.alt) for picture in shown.pictures),
        buttons=shown.buttons,
    )


def page_offer(offer: Offer) -> PageOffer:
    """What can be asked for: what makes something, then what is always understood."""
    made = tuple(_command(spec, able=spec.digest in offer.able) for spec in offer.workflows)
    notice = sentence("simulated", {}) if offer.simulated else ""
    return PageOffer(commands=(*made, *_TALK), notice=notice)


def page_progress(progress: Progress, preview: bytes) -> PageProgress:
    """A note on a running entry."""
    percent = min(100.0, max(0.0, progress.percent))
    return PageProgress(id=progress.job_id, percent=percent, text=progress_text(progress), preview=preview)


def _command(spec: WorkflowSpec, *, able: bool) -> PageCommand:
    return PageCommand(
        command=f"/{spec.command}",
        title=line(spec.title),
        kind=spec.kind,
        words=spec.takes_prompt,
        able=able,
        hint=described(spec) if able else sentence("not-able-now", {}),
    )


def _status(entry: Entry) -> Status:
    if entry.status != "answered":
        return entry.status
    return "note" if entry.code in _NOTES else "refused"


def _picture(picture: Picture, alt: str) -> PagePicture:
    media = picture.media
    url = f"/media/{picture.image_id}"
    return PagePicture(
        id=picture.image_id,
        url=url,
        poster=f"{url}?poster" if media.poster else "",
        nature=nature(media),
        mime=media.mime,
        file=file_name(picture.image_id, media.mime),
        width=media.width_px,
        height=media.height_px,
        duration=media.duration_s,
        alt=alt,
    )

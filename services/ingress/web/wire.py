"""What the page is sent: entries and commands as it draws them. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from schemas.catalogue import Kind, WorkflowSpec
from schemas.progress import Progress
from schemas.replies import Entry, Picture
from services.ingress.presentation import present, progress_text
from services.ingress.shown import Button
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
_HINTS: dict[Kind, str] = {
    "image": "a picture from words",
    "edit": "change a picture with words",
    "video": "a short video",
}


class PagePicture(Struct, frozen=True, kw_only=True):
    """A picture, and where its bytes are."""

    id: UUID
    url: str
    mime: str
    width: int
    height: int
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
    """Something to offer while a command is being typed."""

    command: str
    title: str
    kind: str
    hint: str


class PageHistory(Struct, frozen=True, kw_only=True):
    """All there is to show now; ``notice`` is what everybody should know, or empty."""

    entries: tuple[PageEntry, ...]
    commands: tuple[PageCommand, ...]
    notice: str


class PageNotice(Struct, frozen=True, kw_only=True):
    """What everybody should know while there is no history to show."""

    notice: str


class PageProgress(Struct, frozen=True, kw_only=True):
    """How far a running entry is."""

    id: UUID
    percent: float
    text: str


_TALK = tuple(
    PageCommand(command=f"/{name}", title=title, kind="talk", hint=hint)
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


def page_history(
    entries: tuple[PageEntry, ...], workflows: tuple[WorkflowSpec, ...], *, simulated: bool
) -> PageHistory:
    """A session's newest entries, and what can be asked for."""
    made = (
        PageCommand(command=f"/{spec.command}", title=spec.title, kind=spec.kind, hint=_HINTS[spec.kind])
        for spec in workflows
    )
    notice = sentence("simulated", {}) if simulated else ""
    return PageHistory(entries=entries, commands=(*made, *_TALK), notice=notice)


def page_progress(progress: Progress) -> PageProgress:
    """A note on a running entry."""
    return PageProgress(id=progress.job_id, percent=progress.percent, text=progress_text(progress))


def _status(entry: Entry) -> Status:
    if entry.status != "answered":
        return entry.status
    return "note" if entry.code in _NOTES else "refused"


def _picture(picture: Picture, alt: str) -> PagePicture:
    return PagePicture(
        id=picture.image_id,
        url=f"/media/{picture.image_id}",
        mime=picture.media.mime,
        width=picture.media.width_px,
        height=picture.media.height_px,
        alt=alt,
    )

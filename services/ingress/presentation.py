"""An entry in words: what a person reads, and what they can press. Pure; both channels share it."""

from __future__ import annotations

from typing import assert_never

from schemas.media import MediaRef
from schemas.progress import Progress
from schemas.replies import Entry
from services.ingress.counting import duration, ordinal
from services.ingress.facts import line, plain
from services.ingress.formats import nature
from services.ingress.intent import Say
from services.ingress.parse import printable, spoken, wish
from services.ingress.shown import Button, Shown
from services.ingress.texts import sentence

_CANCEL = Button(label="Cancel", action="cancel")
# The same seed would give the same picture once more, so what came out well is varied if it has one,
# and what went wrong is tried again as it was.
_VARY = Button(label="Another one", action="vary")
_AGAIN = Button(label="Try again", action="again")
_FINAL = frozenset({"done", "failed", "cancelled", "answered"})
_STAGES = {
    "uploading": "Sending the picture to edit",
    "queued": "Waiting for the machine",
    "rendering": "Rendering",
    "downloading": "Fetching the result",
}


def present(entry: Entry, said: str) -> Shown:
    """
    How *entry* is shown.

    Args:
        entry: As it stands.
        said: What the person typed.
    """
    return Shown(
        status=entry.status,
        text=_text(entry, said),
        buttons=_buttons(entry),
        pictures=entry.pictures,
        is_final=entry.status in _FINAL,
        alt=_described(said) if entry.pictures else "",
    )


def progress_text(progress: Progress) -> str:
    """What is being done right now, without the percentage."""
    doing = line(progress.node) or _STAGES.get(progress.stage) or line(progress.stage).capitalize()
    doing = doing or "Rendering"
    return f"{doing}, step {progress.step} of {progress.steps}" if progress.steps else doing


def _buttons(entry: Entry) -> tuple[Button, ...]:
    match entry.status:
        case "queued" | "preparing" | "running":
            return (_CANCEL,)
        case "done":
            return () if entry.params.seed is None else (_VARY,)
        case "failed" | "cancelled":
            return (_AGAIN,)
        case "cancelling" | "answered":
            return ()
        case _:
            assert_never(entry.status)


def _text(entry: Entry, said: str) -> str:
    match entry.status:
        case "queued":
            return _queued(entry)
        case "preparing":
            return "Preparing…" + _tries(entry)
        case "running":
            return "Rendering…" + _tries(entry)
        case "cancelling":
            return "Stopping…"
        case "done":
            return _caption(entry)
        case "failed" | "answered":
            # A command that doesn't exist is only in what was said: the log keeps no private words.
            return sentence(entry.code, {"command": entry.command or _typed(said), **plain(entry.details)})
        case "cancelled":
            return sentence("cancelled", {})
        case _:
            assert_never(entry.status)


# What a job waits for other than its turn; any other code is of an attempt before.
_WAITING = frozenset({"waiting-for-backend", "waiting-for-tunnel", "waiting-for-proof", "leak-found"})


def _queued(entry: Entry) -> str:
    if entry.code in _WAITING:
        return sentence(entry.code, plain(entry.details))
    parts = ["Queued"]
    if entry.position > 0:
        parts.append(f"{ordinal(entry.position)} in line")
    if entry.eta_s > 0:
        parts.append(f"about {duration(entry.eta_s)}")
    return ", ".join(parts) + "." + _tries(entry)


def _tries(entry: Entry) -> str:
    return f" ({ordinal(entry.attempt)} try)" if entry.attempt > 1 else ""


def _caption(entry: Entry) -> str:
    parts = [line(entry.title) or f"/{entry.command}"]
    if entry.params.seed is not None:
        parts.append(f"seed {entry.params.seed}")
    measures = [_measures(picture.media) for picture in entry.pictures]
    if measures and measures == measures[:1] * len(measures):
        parts += measures[0]
    if entry.simulated:
        parts.append("simulated, no model")
    caption = " · ".join(parts)
    return f"{caption}\n{sentence('made-smaller', {})}" if entry.details.get("smaller") else caption


def _measures(media: MediaRef) -> list[str]:
    sees = nature(media) != "audio" and media.width_px > 0
    size = [f"{media.width_px}×{media.height_px}"] if sees else []  # noqa: RUF001 - a times sign is meant
    return [*size, *([duration(media.duration_s)] if media.duration_s else [])]


def _typed(said: str) -> str:
    heard = spoken(printable(said))
    return heard.command if heard else ""


def _described(said: str) -> str:
    """The words that describe the picture, without command and parameters."""
    heard = spoken(printable(said))
    if heard is None:
        return said
    wished = wish(said, heard)
    return "" if isinstance(wished, Say) else wished[0].prompt

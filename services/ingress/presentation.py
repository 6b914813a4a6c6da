"""An entry in words: what a person reads, and what they can press. Pure; both channels share it."""

from __future__ import annotations

from typing import assert_never

from schemas.progress import Progress
from schemas.replies import Entry
from services.ingress.counting import duration, ordinal
from services.ingress.intent import Say
from services.ingress.parse import printable, spoken, wish
from services.ingress.shown import Button, Shown
from services.ingress.texts import sentence

_CANCEL = Button(label="Cancel", action="cancel")
# The same seed would give the same picture once more, so what came out well is varied,
# and what went wrong is tried again as it was.
_VARY = Button(label="Another one", action="vary")
_AGAIN = Button(label="Try again", action="again")
_FINAL = frozenset({"done", "failed", "cancelled", "answered"})
_STAGES = {
    "uploading": "Sending the picture to edit",
    "queued": "Waiting for the machine",
    "rendering": "Rendering",
    "downloading": "Fetching the picture",
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
    doing = progress.node or _STAGES.get(progress.stage) or progress.stage.capitalize() or "Rendering"
    return f"{doing}, step {progress.step} of {progress.steps}" if progress.steps else doing


def _buttons(entry: Entry) -> tuple[Button, ...]:
    match entry.status:
        case "queued" | "preparing" | "running":
            return (_CANCEL,)
        case "done":
            return (_VARY,)
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
            return sentence(entry.code, {"command": entry.command or _typed(said), **entry.details})
        case "cancelled":
            return "Cancelled. No picture was made."
        case _:
            assert_never(entry.status)


def _queued(entry: Entry) -> str:
    if entry.code == "waiting-for-backend":
        return sentence(entry.code, entry.details)
    parts = ["Queued"]
    if entry.position > 0:
        parts.append(f"{ordinal(entry.position)} in line")
    if entry.eta_s > 0:
        parts.append(f"about {duration(entry.eta_s)}")
    return ", ".join(parts) + "." + _tries(entry)


def _tries(entry: Entry) -> str:
    return f" ({ordinal(entry.attempt)} try)" if entry.attempt > 1 else ""


def _caption(entry: Entry) -> str:
    parts = [entry.title or f"/{entry.command}"]
    if entry.params.seed is not None:
        parts.append(f"seed {entry.params.seed}")
    if entry.pictures:
        media = entry.pictures[0].media
        parts.append(f"{media.width_px}×{media.height_px}")  # noqa: RUF001 - a times sign is meant
        if media.duration_s:
            parts.append(duration(media.duration_s))
    if entry.simulated:
        parts.append("simulated, no model")
    return " · ".join(parts)


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

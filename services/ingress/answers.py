"""Answers of more than a sentence: what there is, what waits, what came from what. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from services.ingress.counting import duration, ordinal
from services.ingress.facts import line
from services.ingress.takes import Takes, parameters, shape

Details = Mapping[str, str]

# Parts of a line of "commands": answers of before, which the log still holds, told less.
_TOLD_LITTLE, _TOLD_ALL = 3, 7
_MOST_LINES = 200
_MOST_ROW_CHARS = 200
_DIGITS = 9
_DOING = {"dispatched": "starting", "running": "being made", "cancelling": "being stopped"}


def overview(details: Details) -> str:
    """
    ``commands``: a line for each, with tabs between its parts.

    These are the command, its kind and title; then ``words`` or nothing, the least and greatest number of
    pictures, and its parameters as ``WorkflowSpec.parameters`` names them.
    """
    rows = [row.split("\t") for row in details.get("commands", "").splitlines() if row]
    made = "\n".join(_offer(row) for row in rows if len(row) in {_TOLD_LITTLE, _TOLD_ALL})
    return "\n\n".join(
        (
            "Say what you want to see and I make it. Reply to a picture to edit it.",
            made or "Nothing can be made just now: no machine is connected.",
            "/again or /vary the last one, /undo an edit, /cancel, /queue, /tree, /privacy",
            'Parameters look like this: --seed 42 --size 1024x768 --steps 20 --cfg 3.5 --neg "blurry" -n 4',
        )
    )


def _offer(row: list[str]) -> str:
    command, kind, title, *more = row
    words, least, most, fields = more or ("words", "0", "0", "")
    takes = Takes(kind=kind, words=bool(words), pictures_least=_whole(least), pictures_most=_whole(most))
    parts = (f"{line(command)} {shape(takes)}", line(title), parameters(fields.split()))
    return " · ".join(part for part in parts if part)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else 0


def queue(details: Details) -> str:
    """``jobs``: a line for each of this chat, with command, status, place and seconds between tabs."""
    rows = [row.split("\t") for row in details.get("jobs", "").splitlines() if row]
    lines = [_waiting(*row) for row in rows if len(row) == 4]
    return "\n".join([f"{line(details.get('total', '?'))} in all, of which yours:", *lines])


def _waiting(command: str, status: str, position: str, eta_s: str) -> str:
    if status != "queued":
        return f"{line(command)}: {_DOING.get(status, line(status))}"
    place = f"{ordinal(_whole(position))} in line" if _whole(position) else "waiting"
    soon = f", about {duration(_whole(eta_s))}" if _whole(eta_s) else ""
    return f"{line(command)}: {place}{soon}"


def tree(details: Details) -> str:
    """``tree``: the pictures, each drawn under what it was made from."""
    drawn = [_drawn(row) for row in details.get("tree", "").splitlines()[:_MOST_LINES]]
    return "\n".join(drawn) or "There are no pictures in this chat yet."


def _drawn(row: str) -> str:
    """As it is, indented by what stands before it."""
    return "".join(char if char.isprintable() else " " for char in row).rstrip()[:_MOST_ROW_CHARS]

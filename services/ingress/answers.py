"""Answers of more than a sentence: what there is, what waits, what came from what. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from services.ingress.counting import duration, ordinal

Details = Mapping[str, str]

# What follows a command, by its kind.
_SHAPES = {"image": "words", "edit": "what to change", "video": "words"}
_DOING = {"dispatched": "starting", "running": "being made", "cancelling": "being stopped"}


def overview(details: Details) -> str:
    """``commands``: a line for each, with the command, its kind and its title between tabs."""
    rows = [line.split("\t") for line in details.get("commands", "").splitlines() if line]
    made = "\n".join(_offer(*row) for row in rows if len(row) == 3)
    return "\n\n".join(
        (
            "Say what you want to see and I make the picture. Reply to a picture to edit it.",
            made or "No pictures can be made just now: no machine is connected.",
            "/again or /vary the last one, /undo an edit, /cancel, /queue, /tree, /privacy",
            'You may add: --seed 42 --size 1024x768 --steps 20 --cfg 3.5 --neg "blurry" -n 4',
        )
    )


def _offer(command: str, kind: str, title: str) -> str:
    return f"{command} {_SHAPES.get(kind, 'words')} · {title}"


def queue(details: Details) -> str:
    """``jobs``: a line for each of this chat, with command, status, place and seconds between tabs."""
    rows = [line.split("\t") for line in details.get("jobs", "").splitlines() if line]
    lines = [_waiting(*row) for row in rows if len(row) == 4]
    return "\n".join([f"{details.get('total', '?')} in all, of which yours:", *lines])


def _waiting(command: str, status: str, position: str, eta_s: str) -> str:
    if status != "queued":
        return f"{command}: {_DOING.get(status, status)}"
    place = f"{ordinal(int(position))} in line" if position.isdecimal() and position != "0" else "waiting"
    known = eta_s.isdecimal() and eta_s != "0"
    return f"{command}: {place}" + (f", about {duration(float(eta_s))}" if known else "")


def tree(details: Details) -> str:
    """``tree``: the pictures, each drawn under what it was made from."""
    return details.get("tree") or "There are no pictures in this chat yet."

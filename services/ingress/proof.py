"""Whether anything goes around the tunnel, as a person is told it. Pure."""

from __future__ import annotations

from services.ingress.counting import duration
from services.ingress.facts import line

_PARTS = 6
_DIGITS = 9
_PLACES = {"tunnel": "At the tunnel", "renderer": "Where pictures are sent off"}
_HOLDS = {
    "anon": "everything goes through the anonymity network",
    "direct": "nothing leaves the machine this runs on",
}
_UNPROVED = {
    "tunnel-down": "the tunnel is down, and nothing is sent",
    "no-backend": "no machine answers through it",
    "silent": "nothing was heard of it lately",
}


def told(lines: str) -> str:
    """
    What was found at each position.

    Args:
        lines: One for each, with tabs between position, verdict, mode, code, and the seconds since when it is
            so and since the last check; the last two may be empty.
    """
    rows = [row.split("\t") for row in lines.splitlines()]
    return "\n".join(_place(row) for row in rows if len(row) == _PARTS)


def _place(row: list[str]) -> str:
    position, verdict, mode, code, since_s, checked_s = row
    place = _PLACES.get(position, line(position))
    since, checked = _ago(since_s), _ago(checked_s)
    looked = f" (for {since}, checked {checked} ago)" if since and checked else ""
    match verdict:
        case "verified":
            return f"{place}: {_HOLDS.get(mode, line(mode))}{looked}."
        case "leaked":
            return f"{place}: something goes around the tunnel ({line(code)}), so nothing is sent{looked}."
        case "inconclusive":
            return f"{place}: not proved just now, {_UNPROVED.get(code, line(code))}{looked}."
        case _:
            return f"{place}: never checked."


def _ago(seconds: str) -> str:
    return duration(int(seconds)) if seconds.isdecimal() and len(seconds) <= _DIGITS else ""

"""Length as Telegram counts it: in UTF-16 units, of which an emoji takes two. Pure."""

from __future__ import annotations

_UNIT_BYTES = 2


def fitting(text: str, most_units: int) -> str:
    """*text*, cut with an ellipsis when it is longer than *most_units*."""
    units = text.encode("utf-16-le", "replace")
    if len(units) <= most_units * _UNIT_BYTES:
        return text
    # A character cut in half at the end is left out.
    return units[: (most_units - 1) * _UNIT_BYTES].decode("utf-16-le", "ignore") + "…"

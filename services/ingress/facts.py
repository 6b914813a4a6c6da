"""
Facts from elsewhere, as far as a person may read them. Pure.

What a machine says of itself goes into sentences: a model's name, a node's. Whatever else it may be, a path,
a traceback, a tensor, a page of text: it is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MOST_CHARS = 120
_LINES = frozenset({"commands", "jobs", "tree", "known", "egress"})
"""Facts of many lines or words, of which each is looked at where it is read."""

# A name or a number: no quotes, brackets, colons and the like, and no call such as "tensor(1)".
_NAME = re.compile(r"(?!.*\w\()[^\"'`:;<>\[\]{}=\\/]+")


def plain(details: Mapping[str, str]) -> dict[str, str]:
    """*details* without those that are neither names nor numbers; of a path its last part is left."""
    found = {key: value if key in _LINES else name(value) for key, value in details.items()}
    return {key: value for key, value in found.items() if value}


def name(value: str) -> str:
    """*value* if it can be the name of something, else nothing."""
    last = re.split(r"[\\/]", value.strip())[-1].strip()
    fits = len(last) <= MOST_CHARS and last.isprintable() and _NAME.fullmatch(last)
    return last if fits else ""


def line(text: str, most_chars: int = MOST_CHARS) -> str:
    """*text* on one line, without what can't be printed, and cut when it is long."""
    one = "".join(char if char.isprintable() else " " for char in text)
    one = " ".join(one.split())
    return one if len(one) <= most_chars else one[: most_chars - 1].rstrip() + "…"

"""parse_mode Markdown, the legacy one: no nesting, four marks."""

from __future__ import annotations

from typing import Any

from tests.botapi.refusal import ViolationError
from tests.botapi.utf16 import byte_offset, utf16_length

MARKS = {"_": "italic", "*": "bold", "`": "code", "[": "text_link"}


def parse_markdown(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The plain text and its entities, or ViolationError if a mark has no end."""
    out = ""
    entities: list[dict[str, Any]] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2] in MARKS:
            out += text[at + 1]
            at += 2
        elif char not in MARKS:
            out += char
            at += 1
        else:
            kind = "pre" if text.startswith("```", at) else MARKS[char]
            inner, extra, at = _marked(text, at)
            if inner:
                made = {"type": kind, "offset": utf16_length(out), "length": utf16_length(inner), **extra}
                entities.append(made)
                out += inner
    return out, entities


def _marked(text: str, begin: int) -> tuple[str, dict[str, str], int]:
    """What stands between the mark at *begin* and its end, what comes with it, and where to go on."""
    char = text[begin]
    mark = "```" if text.startswith("```", begin) else char
    ending = "]" if char == "[" else mark
    start = begin + len(mark)
    end = text.find(ending, start)
    if end < 0:
        raise ViolationError(
            "can't parse entities: Can't find end of the entity starting at byte offset "
            f"{byte_offset(text, begin)}"
        )
    inner, after = text[start:end], end + len(ending)
    if char != "[":
        return inner, {}, after
    if text[after : after + 1] != "(":
        return inner, {"url": inner}, after
    close = text.find(")", after)
    if close < 0:
        raise ViolationError(
            f"can't parse entities: Can't find end of a URL at byte offset {byte_offset(text, after)}"
        )
    return inner, {"url": text[after + 1 : close]}, close + 1

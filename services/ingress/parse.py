"""
The text of a command, as phones type it, into words and parameters. Pure; no text makes it raise.

``/f an astronaut --seed 42 --size 1024x768 --steps 20 --cfg 3.5 --neg "blurry" -n 4``: a flag may stand
anywhere, a phone may have turned ``--`` into ``—`` and ``"`` into ``“``, and what follows a bare ``--`` is
taken as it is.
"""

from __future__ import annotations

import re

from msgspec import Struct

from schemas.params import MAX_PROMPT_CHARS, RenderParams
from schemas.private import Words
from services.ingress.flags import Flag, Refused, known_flag, read_value
from services.ingress.intent import Say

_COMMAND = re.compile(r"\s*/([A-Za-z][A-Za-z0-9_]{0,63})(?:@([A-Za-z0-9_]+))?(?=\s|$)")
# Two hyphens, or what autocorrection makes of them; the short form is one hyphen and "n".
_FLAG = re.compile(
    r"(?<!\S)(?:(?:--+|[\u2010-\u2015\u2212]+-*)(?P<long>[^\W\d_][\w-]*)|-(?P<short>n)(?![^\W\d]|-))"
)
_AS_IT_IS = re.compile(r"(?<!\S)--(?!\S)")


class Spoken(Struct, frozen=True, kw_only=True):
    """A command: its name in lower case, the bot it is addressed to (mostly empty), and what follows it."""

    command: str
    addressee: str
    rest: str


def printable(text: str) -> str:
    """*text* without NULs and lone surrogates, which no store and no encoding can hold."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def spoken(text: str) -> Spoken | None:
    """The command that *text* begins with; nothing when it is only words."""
    match = _COMMAND.match(text)
    if match is None:
        return None
    return Spoken(command=match[1].lower(), addressee=match[2] or "", rest=text[match.end() :].strip())


def wish(said: str, heard: Spoken) -> tuple[Words, RenderParams] | Say:
    """
    What is wished for; a ``Say`` when it can't be told.

    There may be no words: whether the command needs any is the orchestrator's to say.
    """
    flagged, _, literal = _split_once(_AS_IT_IS, heard.rest)
    pieces: list[str] = []
    values: dict[str, object] = {}
    at = 0
    while match := _FLAG.search(flagged, at):
        pieces.append(flagged[at : match.start()])
        name = match["long"] or match["short"]
        flag = known_flag(name)
        if flag is None:
            return Say(code="unknown-parameter", details={"parameter": match[0]})
        read = _read(flag, flagged, match.end())
        if isinstance(read, Refused):
            return Say(
                code="bad-parameter",
                details={"name": flag.shown, "value": read.value[:40], "allowed": flag.allowed},
            )
        found, at = read
        values |= found
    pieces += [flagged[at:], literal]
    prompt = " ".join(piece.strip() for piece in pieces if piece.strip())
    negative = str(values.pop("negative", ""))
    for words in (prompt, negative):
        if len(words) > MAX_PROMPT_CHARS:
            return Say(
                code="prompt-too-long", details={"limit": str(MAX_PROMPT_CHARS), "length": str(len(words))}
            )
    params = RenderParams(**values)  # pyright: ignore[reportArgumentType] - read_value has checked each
    return Words(said=said, prompt=prompt, negative=negative), params


def _read(flag: Flag, text: str, start: int) -> tuple[dict[str, object], int] | Refused:
    """The flag's value; one that runs to the end of its line stops before the next flag."""
    line_end = text.find("\n", start)
    next_flag = _FLAG.search(text, start)
    ends = [end for end in (line_end, next_flag.start() if next_flag else -1) if end >= 0]
    return read_value(flag, text, start, min(ends, default=len(text)))


def _split_once(pattern: re.Pattern[str], text: str) -> tuple[str, str, str]:
    match = pattern.search(text)
    return (text[: match.start()], match[0], text[match.end() :]) if match else (text, "", "")

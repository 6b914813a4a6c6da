"""What a message is taken to mean. Pure; both channels share it."""

from __future__ import annotations

from typing import assert_never

from schemas.commands import Target
from services.ingress.intent import Cancel, Heard, Import, Intent, Question, Render, Repeat, Say, Select
from services.ingress.parse import Spoken, printable, spoken, wish
from services.ingress.shown import Action

MAX_PICTURES = 3
_ECHO_CHARS = 200


def understand(heard: Heard) -> Intent:
    """The one thing a message asks for. Whether a command exists is the orchestrator's to say."""
    said = printable(heard.text)
    if heard.pictures > MAX_PICTURES:
        return Say(code="too-many-pictures", details={"most": str(MAX_PICTURES)})
    command = spoken(said)
    if command is None:
        return _without_command(said.strip(), heard)
    match command.command:
        case "start" | "help":
            return Question(topic="help")
        case "queue" | "privacy" | "tree" as topic:
            return Question(topic=topic)
        case "cancel" | "again" | "vary" | "use" as action:
            return _no_words(command) or pressed(action, heard.target)
        case "undo":
            return _no_words(command) or Select(target=Target())
        case _:
            return _render(said, command, heard.target)


def pressed(action: Action, target: Target) -> Intent:
    """What a button means: the same as its command in answer to what it stands under."""
    match action:
        case "cancel":
            return Cancel(target=target)
        case "again":
            return Repeat(target=target, vary=False)
        case "vary":
            return Repeat(target=target, vary=True)
        case "use":
            return Select(target=target)
        case _:
            assert_never(action)


def _render(said: str, command: Spoken, target: Target) -> Render | Say:
    wished = wish(said, command)
    if isinstance(wished, Say):
        return wished
    words, params = wished
    return Render(command=command.command, words=words, params=params, target=target)


def _no_words(command: Spoken) -> Say | None:
    """A sentence when words follow a command that takes none: dropping them would not be what was meant."""
    return Say(code="takes-no-words", details={"command": command.command}) if command.rest else None


def _without_command(words: str, heard: Heard) -> Import | Say:
    if not words:
        if heard.pictures == 1:
            return Import()
        return Say(code="pictures-need-words") if heard.pictures else Say(code="say-something")
    echo = words if len(words) <= _ECHO_CHARS else words[: _ECHO_CHARS - 1].rstrip() + "…"
    if heard.pictures:
        return Say(code="caption-needs-command", details={"words": echo})
    if heard.target != Target():
        return Say(code="reply-needs-command", details={"words": echo})
    return Say(code="say-command", details={"words": echo})

"""Text with entities: parsed or given, checked, trimmed, and with what Telegram finds by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.botapi.html_markup import parse_html
from tests.botapi.markdown import parse_markdown
from tests.botapi.markdown_v2 import parse_markdown_v2
from tests.botapi.refusal import ViolationError
from tests.botapi.utf16 import utf16_length, utf16_slice

TEXT_LIMIT_CHARS = 4096
CAPTION_LIMIT_CHARS = 1024
PARSERS = {"HTML": parse_html, "Markdown": parse_markdown, "MarkdownV2": parse_markdown_v2}
NEEDS = {
    "text_link": "url",
    "text_mention": "user",
    "custom_emoji": "custom_emoji_id",
    "date_time": "unix_time",
}
STYLES = {"bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote"}
FOUND = {
    "bot_command": re.compile(r"(?<![\w/@<>])/\w{1,64}(?:@\w{3,32})?(?![\w/])", re.ASCII),
    "mention": re.compile(r"(?<![\w@/])@\w{3,32}\b", re.ASCII),
    "url": re.compile(r"\bhttps?://[^\s<>\"']+[^\s<>\"'.,;:!?)]"),
}
PLAIN = {"expandable_blockquote", "hashtag", "cashtag", "email", "phone_number", "bank_card_number"}
KNOWN = STYLES | NEEDS.keys() | FOUND.keys() | PLAIN


@dataclass(frozen=True)
class Formatted:
    """A text and its entities, offsets in UTF-16 code units."""

    text: str
    entities: tuple[dict[str, Any], ...] = ()


def formatted_text(args: Mapping[str, Any]) -> Formatted:
    """The ``text`` of a message: never empty, at most 4096 characters once its markup is parsed."""
    if not args["text"]:
        raise ViolationError("message text is empty")
    made = _formatted(args, "text", "entities")
    if not made.text:
        raise ViolationError("text must be non-empty")
    if len(made.text) > TEXT_LIMIT_CHARS:
        raise ViolationError("message is too long")
    return made


def formatted_caption(args: Mapping[str, Any]) -> Formatted:
    """The ``caption`` of a medium: may be empty, at most 1024 characters once its markup is parsed."""
    made = _formatted(args, "caption", "caption_entities")
    if len(made.text) > CAPTION_LIMIT_CHARS:
        raise ViolationError("message caption is too long")
    return made


def typed_by_a_person(text: str) -> Formatted:
    """What a chat app sends: plain text, in which commands, mentions and links are found."""
    return _with_found(text.strip(), [])


def _formatted(args: Mapping[str, Any], name: str, entities_name: str) -> Formatted:
    text, parse_mode, entities = args.get(name, ""), args.get("parse_mode"), args.get(entities_name)
    if parse_mode and entities:
        raise ViolationError(f"parse_mode and {entities_name} can't be used together")
    if parse_mode and text:
        text, entities = PARSERS[parse_mode](text)
    else:
        _check_entities(text, entities or [])
    text, entities = _trimmed(text, entities or [])
    return _with_found(text, entities)


def _check_entities(text: str, entities: list[dict[str, Any]]) -> None:
    open_ends: list[int] = []
    for entity in sorted(entities, key=lambda one: (one["offset"], -one["length"])):
        _check_entity(text, entity)
        start, end = entity["offset"], entity["offset"] + entity["length"]
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        if open_ends and end > open_ends[-1]:
            raise ViolationError(f"entity at UTF-16 offset {start} crosses the end of another one")
        open_ends.append(end)


def _check_entity(text: str, entity: dict[str, Any]) -> None:
    start, length, kind = entity["offset"], entity["length"], entity["type"]
    size = utf16_length(text)
    needed = NEEDS.get(kind)
    wrong = {
        "can't parse MessageEntity: unsupported type specified": kind not in KNOWN,
        f"can't parse MessageEntity: can't find field {needed!r}": needed and not entity.get(needed),
        f"receive an entity with incorrect offset {start}": start < 0,
        f"receive an entity with incorrect length {length}": length <= 0,
        f"entity begins after the end of the text at UTF-16 offset {start}": start >= size,
        f"entity beginning at UTF-16 offset {start} ends after the end of the text": start + length > size,
    }
    for said, is_so in wrong.items():
        if is_so:
            raise ViolationError(said)
    if utf16_slice(text, start, start + length) is None:
        raise ViolationError(f"entity at UTF-16 offset {start} begins or ends in a middle of a UTF-16 symbol")


def _trimmed(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Telegram strips the white space around a text; entities move and shrink with it."""
    kept = text.strip()
    shift = utf16_length(text) - utf16_length(text.lstrip())
    length = utf16_length(kept)
    moved: list[dict[str, Any]] = []
    for entity in entities:
        start = max(entity["offset"] - shift, 0)
        end = min(entity["offset"] + entity["length"] - shift, length)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return kept, moved


def _with_found(text: str, entities: list[dict[str, Any]]) -> Formatted:
    taken = [
        range(one["offset"], one["offset"] + one["length"])
        for one in entities
        if one["type"] in {"code", "pre", "text_link", "text_mention"}
    ]
    made = [one for one in entities if one["type"] not in FOUND]
    for kind, pattern in FOUND.items():
        for match in pattern.finditer(text):
            start = utf16_length(text[: match.start()])
            span = range(start, start + utf16_length(match.group()))
            if all(span.stop <= other.start or other.stop <= span.start for other in taken):
                made.append({"type": kind, "offset": start, "length": len(span)})
                taken.append(span)
    return Formatted(text, tuple(sorted(made, key=lambda one: (one["offset"], -one["length"]))))

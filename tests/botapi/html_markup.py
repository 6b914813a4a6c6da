"""parse_mode HTML: Telegram's few tags, strictly."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.refusal import ViolationError
from tests.botapi.utf16 import byte_offset, utf16_length

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
TAG = re.compile(r"<(/?)([^\s>/]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
ATTRIBUTE = re.compile(r"\s+([\w-]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[\w.-]+))?")
CHARACTER = re.compile(r"&(lt|gt|amp|quot|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});")


@dataclass
class _Open:
    tag: str
    attributes: dict[str, str]
    start: int


@dataclass
class _Parser:
    text: str
    out: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)

    def error(self, said: str) -> ViolationError:
        return ViolationError(f"can't parse entities: {said}")

    def run(self) -> tuple[str, list[dict[str, Any]]]:
        at = 0
        while (begin := self.text.find("<", at)) >= 0:
            self.out += _characters(self.text[at:begin])
            where = f"at byte offset {byte_offset(self.text, begin)}"
            match = TAG.match(self.text, begin)
            if match is None:
                raise self.error(f"Unclosed start tag {where}")
            closing, tag, rest = match[1], match[2].lower(), match[3]
            if closing:
                self.close(tag, rest, where)
            else:
                self.open(tag, rest, where)
            at = match.end()
        self.out += _characters(self.text[at:])
        if self.stack:
            raise self.error(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        return self.out, sorted(self.entities, key=lambda one: (one["offset"], -one["length"]))

    def open(self, tag: str, rest: str, where: str) -> None:
        if tag not in TAGS:
            raise self.error(f'Unsupported start tag "{tag}" {where}')
        attributes = {
            name.lower(): _characters(value.strip("\"'")) for name, value in ATTRIBUTE.findall(rest)
        }
        if ATTRIBUTE.sub("", rest).strip():
            raise self.error(f'Empty attribute name in the tag "{tag}" {where}')
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self.error(f'Tag "span" must have class "tg-spoiler" {where}')
        if tag == "tg-emoji" and not attributes.get("emoji-id", "").isdigit():
            raise self.error("Invalid custom emoji identifier specified")
        self.stack.append(_Open(tag, attributes, utf16_length(self.out)))

    def close(self, tag: str, rest: str, where: str) -> None:
        if not self.stack:
            raise self.error(f"Unexpected end tag {where}")
        if rest.strip():
            raise self.error(f"Unclosed end tag {where}")
        opened = self.stack.pop()
        if tag and tag != opened.tag:
            raise self.error(f'Unmatched end tag {where}, expected "</{opened.tag}>", found "</{tag}>"')
        length = utf16_length(self.out) - opened.start
        if length:
            self.entities.append(self.entity(opened, length))

    def entity(self, opened: _Open, length: int) -> dict[str, Any]:
        made: dict[str, Any] = {"type": TAGS[opened.tag], "offset": opened.start, "length": length}
        if opened.tag == "a":
            made["url"] = opened.attributes.get("href") or self.out[-length:]
        elif opened.tag == "tg-emoji":
            made["custom_emoji_id"] = opened.attributes["emoji-id"]
        elif opened.tag == "blockquote" and "expandable" in opened.attributes:
            made["type"] = "expandable_blockquote"
        elif opened.tag == "code" and opened.attributes.get("class", "").startswith("language-"):
            made["language"] = opened.attributes["class"].removeprefix("language-")
        elif opened.tag == "pre" and self.entities and self.entities[-1]["type"] == "code":
            inner = self.entities[-1]
            if (inner["offset"], inner["length"]) == (opened.start, length):
                self.entities.pop()
                made |= {"language": inner["language"]} if "language" in inner else {}
        return made


def _characters(text: str) -> str:
    """Only the five references Telegram knows are decoded; any other ``&`` stays."""
    return CHARACTER.sub(lambda match: html.unescape(match[0]), text)


def parse_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The plain text and its entities, or ViolationError with the place of the mistake."""
    text, entities = _Parser(text).run()
    return text, [
        {k: v for k, v in one.items() if k != "language" or one["type"] == "pre"} for one in entities
    ]

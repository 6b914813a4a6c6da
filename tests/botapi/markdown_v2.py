"""parse_mode MarkdownV2: nesting, and an error for every reserved character left unescaped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.botapi.refusal import ViolationError
from tests.botapi.utf16 import byte_offset, utf16_length

RESERVED = "_*[]()~`>#+-=|{}.!"
# Longest first: "__" underlines, "_" slants.
MARKS = {"```": "pre", "__": "underline", "||": "spoiler", "![": "custom_emoji"} | {
    "_": "italic",
    "*": "bold",
    "~": "strikethrough",
    "`": "code",
    "[": "text_link",
}
ENDINGS = {"[": "]", "![": "]"}
LITERAL = {"```", "`"}
NAMES = {
    "pre": "Pre",
    "underline": "Underline",
    "spoiler": "Spoiler",
    "custom_emoji": "CustomEmoji",
    "italic": "Italic",
    "bold": "Bold",
    "strikethrough": "Strikethrough",
    "code": "Code",
    "text_link": "TextUrl",
}


@dataclass
class _Open:
    mark: str
    begin: int  # index in the source, for the error
    start: int  # UTF-16 offset in the result
    language: str = ""


@dataclass
class _Parser:
    text: str
    out: str = ""
    at: int = 0
    entities: list[dict[str, Any]] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    quote: int | None = None

    def error(self, said: str) -> ViolationError:
        return ViolationError(f"can't parse entities: {said}")

    def run(self) -> tuple[str, list[dict[str, Any]]]:
        while self.at < len(self.text):
            self.step()
        if self.stack:
            raise self.unended()
        self.end_quote()
        return self.out, sorted(self.entities, key=lambda one: (one["offset"], -one["length"]))

    def unended(self) -> ViolationError:
        opened = self.stack[-1]
        where = byte_offset(self.text, opened.begin)
        return self.error(f"Can't find end of {NAMES[MARKS[opened.mark]]} entity at byte offset {where}")

    def step(self) -> None:
        char = self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        if char == "\\" and following and 0 < ord(following) <= 126:
            self.emit(following, 2)
        elif self.stack and self.text.startswith(self.ending, self.at):
            self.end()
        elif self.stack and self.stack[-1].mark in LITERAL:
            self.literal(char)
        elif char == "\n":
            self.newline()
        elif char == ">" and (not self.out or self.out.endswith("\n")):
            self.quote = utf16_length(self.out) if self.quote is None else self.quote
            self.at += 1
        elif mark := next((mark for mark in MARKS if self.text.startswith(mark, self.at)), None):
            self.begin(mark)
        elif char in RESERVED:
            raise self.error(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")
        else:
            self.emit(char, 1)

    @property
    def ending(self) -> str:
        mark = self.stack[-1].mark
        return ENDINGS.get(mark, mark)

    def emit(self, char: str, width: int) -> None:
        self.out += char
        self.at += width

    def literal(self, char: str) -> None:
        if char == "`":
            raise self.error("Character '`' is reserved and must be escaped with the preceding '\\'")
        self.emit(char, 1)

    def newline(self) -> None:
        if self.quote is not None and self.text[self.at + 1 : self.at + 2] != ">":
            if self.stack:
                raise self.unended()
            self.end_quote()
        self.emit("\n", 1)

    def end_quote(self) -> None:
        if self.quote is not None and utf16_length(self.out) > self.quote:
            length = utf16_length(self.out) - self.quote
            self.entities.append({"type": "blockquote", "offset": self.quote, "length": length})
        self.quote = None

    def begin(self, mark: str) -> None:
        opened = _Open(mark, self.at, utf16_length(self.out))
        self.at += len(mark)
        if mark == "```":
            line, newline, _ = self.text[self.at :].partition("\n")
            if newline and not any(char.isspace() or char == "`" for char in line):
                opened.language = line
                self.at += len(line) + 1
        self.stack.append(opened)

    def end(self) -> None:
        opened = self.stack.pop()
        self.at += len(ENDINGS.get(opened.mark, opened.mark))
        length = utf16_length(self.out) - opened.start
        made: dict[str, Any] = {"type": MARKS[opened.mark], "offset": opened.start, "length": length}
        if opened.language:
            made["language"] = opened.language
        if opened.mark == "[":
            made["url"] = self.link() or self.out[-length:]
        elif opened.mark == "![":
            prefix, emoji_id = "tg://emoji?id=", self.link()
            if not emoji_id.startswith(prefix):
                raise self.error("The entity must contain a tg://emoji or tg://time URL")
            made["custom_emoji_id"] = emoji_id.removeprefix(prefix)
        if length:
            self.entities.append(made)

    def link(self) -> str:
        """The address in the parentheses that may follow, unescaped; empty if there are none."""
        if not self.text.startswith("(", self.at):
            return ""
        begin = self.at = self.at + 1
        url = ""
        while self.at < len(self.text) and self.text[self.at] != ")":
            if self.text[self.at] == "\\" and self.at + 1 < len(self.text):
                self.at += 1
            url += self.text[self.at]
            self.at += 1
        if self.at >= len(self.text):
            raise self.error(f"Can't find end of a URL at byte offset {byte_offset(self.text, begin)}")
        self.at += 1
        return url


def parse_markdown_v2(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The plain text and its entities, or ViolationError naming the character or the unclosed entity."""
    return _Parser(text).run()

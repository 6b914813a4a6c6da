"""The value kinds of the Bot API's tables: each reads its form text and checks its JSON value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.refusal import ViolationError


class Kind:
    """A kind of value; ``where`` names the field in what is said about it."""

    def read(self, text: str, where: str) -> Any:
        """The value of a form field, which for everything structured is JSON."""
        try:
            value = json.loads(text)
        except ValueError:
            raise ViolationError(f"can't parse {where} JSON object") from None
        return self.check(value, where)

    def check(self, value: Any, where: str) -> Any:
        """The value if it is of this kind, or a ViolationError that names the field."""
        raise NotImplementedError


@dataclass(frozen=True)
class Integer(Kind):
    """A whole number inside bounds."""

    least: int = -(2**63)
    most: int = 2**63 - 1

    def read(self, text: str, where: str) -> int:
        """Digits with an optional minus, nothing else."""
        if not re.fullmatch(r"-?[0-9]+", text):
            raise ViolationError(f"{where} must be an Integer, not {text[:40]!r}")
        return self.check(int(text), where)

    def check(self, value: Any, where: str) -> int:
        """A JSON number without a fraction; a boolean is none."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise ViolationError(f"{where} must be an Integer, not {value!r}"[:200])
        if not self.least <= value <= self.most:
            raise ViolationError(f"{where} must be from {self.least} to {self.most}, not {value}")
        return value


@dataclass(frozen=True)
class Boolean(Kind):
    """True or false, spelled as JSON spells it."""

    def check(self, value: Any, where: str) -> bool:
        """A JSON boolean."""
        if not isinstance(value, bool):
            raise ViolationError(f"{where} must be a Boolean, not {value!r}"[:200])
        return value


@dataclass(frozen=True)
class Text(Kind):
    """A string, with the limits that hold before any markup is parsed."""

    least_chars: int = 0
    most_chars: int = 1 << 15
    most_bytes: int = 1 << 15
    pattern: str = ""
    choices: tuple[str, ...] = ()
    refusal: str = ""  # what the real server says when a limit is broken

    def read(self, text: str, where: str) -> str:
        """A form field is its own string."""
        return self.check(text, where)

    def check(self, value: Any, where: str) -> str:
        """A JSON string inside the limits."""
        if not isinstance(value, str):
            raise ViolationError(f"{where} must be a String, not {value!r}"[:200])
        try:
            size_bytes = len(value.encode())
        except UnicodeEncodeError:
            raise ViolationError("strings must be encoded in UTF-8") from None
        fits = self.least_chars <= len(value) <= self.most_chars and size_bytes <= self.most_bytes
        if not fits or (self.pattern and not re.fullmatch(self.pattern, value)):
            raise ViolationError(self.refusal or f"{where} is out of bounds: {value[:80]!r}")
        if self.choices and value not in self.choices:
            raise ViolationError(self.refusal or f"{where} can't be {value[:80]!r}")
        return value


@dataclass(frozen=True)
class ListOf(Kind):
    """An array with a least and a most count."""

    item: Kind
    least: int = 0
    most: int = 1000
    refusal: str = ""

    def check(self, value: Any, where: str) -> list[Any]:
        """A JSON array whose items are all of the kind."""
        if not isinstance(value, list):
            raise ViolationError(f"{where} must be an Array, not {value!r}"[:200])
        if not self.least <= len(value) <= self.most:
            raise ViolationError(self.refusal or f"{where} must have {self.least}-{self.most} items")
        return [self.item.check(item, f"{where}[{number}]") for number, item in enumerate(value)]


@dataclass(frozen=True)
class Need:
    """Marks a field as required."""

    kind: Kind


@dataclass(frozen=True)
class Record(Kind):
    """An object with known fields, and none besides."""

    name: str
    fields: Mapping[str, Kind | Need] = field(hash=False)
    exactly_one: tuple[str, ...] = ()  # of these fields, one and only one

    def check(self, value: Any, where: str) -> dict[str, Any]:
        """A JSON object: no unknown field, no null, nothing missing."""
        if not isinstance(value, dict):
            raise ViolationError(f"{where} must be a {self.name}, not {value!r}"[:200])
        checked = check_fields(self.fields, value, where)
        if self.exactly_one and len([name for name in self.exactly_one if name in checked]) != 1:
            raise ViolationError(
                f"{where}: {self.name} must have exactly one of {', '.join(self.exactly_one)}"
            )
        return checked


@dataclass(frozen=True)
class Tagged(Kind):
    """One of several records, told apart by the value of one field."""

    name: str
    tag: str
    variants: Mapping[str, Record] = field(hash=False)

    def check(self, value: Any, where: str) -> dict[str, Any]:
        """An object whose tag names a variant and whose rest fits it."""
        tag = value.get(self.tag) if isinstance(value, dict) else None
        if not isinstance(tag, str) or tag not in self.variants:
            raise ViolationError(f'can\'t parse {self.name}: type "{tag}" is unsupported ({where})')
        return self.variants[tag].check(value, where)


@dataclass(frozen=True)
class ByField(Kind):
    """One of several records, told apart by which field is there."""

    name: str
    variants: Mapping[str, Record] = field(hash=False)

    def check(self, value: Any, where: str) -> dict[str, Any]:
        """An object that has the mark of exactly one variant."""
        marks = [mark for mark in self.variants if isinstance(value, dict) and mark in value]
        if len(marks) != 1:
            raise ViolationError(f"{where} must be one {self.name}, not {value!r}"[:200])
        return self.variants[marks[0]].check(value, where)


class ChatId(Kind):
    """A chat's number, or the @name of a public chat."""

    def read(self, text: str, where: str) -> int | str:
        """Digits are a number; a name starts with @."""
        return int(text) if re.fullmatch(r"-?[0-9]+", text) else self.check(text, where)

    def check(self, value: Any, where: str) -> int | str:
        """An Integer or a String, never empty."""
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value):
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and re.fullmatch(r"@\w{4,32}", value):
            return value
        raise ViolationError(f"{where} must be an Integer or an @name, not {value!r}"[:200])


class File(Text):
    """A file_id, ``attach://part``, or (in a top-level field) an uploaded part of the field's own name."""


def check_fields(
    fields: Mapping[str, Kind | Need], values: Mapping[str, Any], where: str, *, text: bool = False
) -> dict[str, Any]:
    """Every value by its kind; ``text`` means the values are form strings."""
    checked: dict[str, Any] = {}
    for name, value in values.items():
        path = f"{where}.{name}"
        if name not in fields:
            raise ViolationError(f"unknown field {path}")
        spec = fields[name]
        kind = spec.kind if isinstance(spec, Need) else spec
        structured = not isinstance(kind, Text | ChatId | Integer | Boolean)
        as_text = isinstance(value, str) and (text or (structured and "." not in where))
        checked[name] = kind.read(value, path) if as_text else kind.check(value, path)
    missing = [name for name, spec in fields.items() if isinstance(spec, Need) and name not in checked]
    if missing:
        raise ViolationError(f"{where}.{missing[0]} is required")
    return checked

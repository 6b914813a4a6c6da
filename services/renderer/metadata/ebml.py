"""EBML, which Matroska and WebM are written in: elements, and how one is made to say nothing."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from msgspec import Struct

from services.renderer.metadata.clean import UnreadableMediaError
from services.renderer.metadata.draft import Draft

SEGMENT, CLUSTER = 0x18538067, 0x1F43B675

_VOID = 0xEC
_MAY_BE_OPEN = frozenset({SEGMENT, CLUSTER})


class Element(Struct, frozen=True, kw_only=True):
    """An element: its id, and where its header, its body and what follows it begin."""

    name: int
    start: int
    body: int
    end: int
    open: bool = False


def elements(draft: Draft, at: int, end: int, enders: frozenset[int] = frozenset()) -> Iterator[Element]:
    """
    The elements from *at* to *end*, or to the first of *enders*.

    A segment or cluster of unknown size, as live recordings have them, is *open*: its end is only where
    its parent ends.

    Raises:
        UnreadableMediaError: One is not whole.
    """
    while at < end:
        name, behind_name = _name(draft, at, end)
        if name in enders:
            return
        size, body = _size(draft, behind_name, end)
        stop = end if size is None else body + size
        if stop > end or (size is None and name not in _MAY_BE_OPEN):
            raise UnreadableMediaError("a Matroska element that is not whole")
        yield Element(name=name, start=at, body=body, end=stop, open=size is None)
        at = stop


def whole(draft: Draft, element: Element) -> int:
    """The value of an unsigned integer."""
    return draft.number(element.body, min(element.end - element.body, 8))


def decimal(draft: Draft, element: Element) -> float:
    """The value of a float; 0 for a size that no float has."""
    data = draft.bytes(element.body, element.end)
    if len(data) not in {4, 8}:
        return 0.0
    (value,) = struct.unpack(">f" if len(data) == 4 else ">d", data)
    return float(value)


def blank(draft: Draft, element: Element) -> None:
    """Leave an empty element of the same size, so that nothing behind it moves."""
    total = element.end - element.start
    draft.write(element.start, bytes((_VOID,)))
    # The size of what is left may itself be written in one byte or in eight.
    if total >= 9:
        draft.write(element.start + 1, b"\x01" + (total - 9).to_bytes(7, "big"))
        draft.zero(element.start + 9, element.end)
    else:
        draft.write(element.start + 1, bytes((0x80 | total - 2,)))
        draft.zero(element.start + 2, element.end)


def variable(draft: Draft, at: int, end: int) -> tuple[int, int]:
    """A number of variable length, and where what follows it begins; raises ``UnreadableMediaError``."""
    first = draft.number(at, 1) if at < end else 0
    length = 9 - first.bit_length()
    if length > 8 or at + length > end:
        raise UnreadableMediaError("a Matroska number that is not whole")
    return draft.number(at, length) & (1 << 7 * length) - 1, at + length


def _name(draft: Draft, at: int, end: int) -> tuple[int, int]:
    first = draft.number(at, 1)
    length = 9 - first.bit_length()
    if length > 4 or at + length >= end:
        raise UnreadableMediaError("a Matroska element without a name")
    return draft.number(at, length), at + length


def _size(draft: Draft, at: int, end: int) -> tuple[int | None, int]:
    size, body = variable(draft, at, end)
    return (None if size == (1 << 7 * (body - at)) - 1 else size), body

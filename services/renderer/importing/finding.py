"""What the search for one parameter comes to."""

from __future__ import annotations

from msgspec import Struct

from services.renderer.definition import Slot
from services.renderer.importing.extent import listed, shortened
from services.renderer.importing.wiring import Wiring


class Found(Struct, frozen=True, kw_only=True):
    """
    Where a parameter goes.

    Attributes:
        slots: Inputs that hold it; none when it goes nowhere.
        ends: Inputs that it reaches: they say how far it may go.
        note: What an operator should know, as a sentence.
    """

    slots: tuple[Slot, ...] = ()
    ends: tuple[Slot, ...] = ()
    note: str = ""


def agreed(wiring: Wiring, ends: list[Slot], parameter: str) -> Found:
    """The places where *ends* have their value from, if they all have the same one."""
    places = {end: wiring.first_written(end) for end in ends}
    slots = tuple(dict.fromkeys(one for one in places.values() if one is not None))
    values = {str(wiring.value(one)) for one in slots}
    if None in places.values():
        return Found(note=f"{parameter} stays as it is: {_all(wiring, ends)} get it worked out.")
    if len(values) > 1:
        return Found(note=f"{parameter} stays as it is: it differs between {_all(wiring, list(slots))}.")
    return Found(slots=slots, ends=tuple(ends))


def described(wiring: Wiring, slot: Slot) -> str:
    """An input as a person finds it on the canvas."""
    return f"{slot.input} of {wiring.title(slot.node)}"


def shown(wiring: Wiring, slot: Slot) -> str:
    """What is in it now, shortened."""
    value = wiring.value(slot)
    return f"“{shortened(value)}”" if isinstance(value, str) else shortened(str(value))


def _all(wiring: Wiring, slots: list[Slot]) -> str:
    return listed([described(wiring, one) for one in slots], " and ")

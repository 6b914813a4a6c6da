"""What the search for one parameter comes to."""

from __future__ import annotations

from msgspec import Struct

from services.renderer.definition import Slot
from services.renderer.importing.wiring import Wiring

SHOWN_CHARS = 60


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
        return Found(
            note=f"{parameter} stays as it is: {_listed(wiring, ends)} get it worked out." if ends else ""
        )
    if len(values) > 1:
        return Found(note=f"{parameter} stays as it is: it differs between {_listed(wiring, list(slots))}.")
    return Found(slots=slots, ends=tuple(ends))


def described(wiring: Wiring, slot: Slot) -> str:
    """An input as a person finds it on the canvas."""
    return f"{slot.input} of {wiring.title(slot.node)}"


def shown(wiring: Wiring, slot: Slot) -> str:
    """What is in it now, shortened."""
    value = wiring.value(slot)
    text = f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"


def _listed(wiring: Wiring, slots: list[Slot]) -> str:
    return " and ".join(described(wiring, one) for one in slots)

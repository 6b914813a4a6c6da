"""What an operator is told of an import, as sentences."""

from __future__ import annotations

from collections.abc import Iterator

from services.renderer.definition import PictureSlot, Slot
from services.renderer.importing.draft import Draft
from services.renderer.importing.exported import Exported
from services.renderer.importing.extent import listed
from services.renderer.importing.finding import described, shown
from services.renderer.importing.objections import doubts
from services.renderer.importing.outputs import saves_on_the_way
from services.renderer.importing.pictures import could_be_optional, other_files
from services.renderer.importing.wiring import Wiring

_DOUBTS_SHOWN = 10


def found_sentences(exported: Exported, drafted: Draft, pictures: list[PictureSlot]) -> dict[str, str]:
    """By parameter, where it goes and what is there now."""
    wiring = exported.wiring
    told = {name: _places(wiring, its.slots) for name, its in drafted.found.items() if its.slots}
    if pictures:
        told["pictures"] = listed(
            [wiring.title(one.node) + (" (optional)" if one.optional else "") for one in pictures]
        )
    told["outputs"] = listed([wiring.title(one) for one in exported.outputs])
    return told


def warnings(exported: Exported, drafted: Draft, pictures: list[PictureSlot]) -> Iterator[str]:
    """What an operator should know before it is registered."""
    wiring = exported.wiring
    for node_id in wiring.graph:
        its = wiring.node_class(node_id)
        if its is not None and its.is_outside:
            yield f"{wiring.title(node_id)} sends what it is given to a service outside of the backend."
    yield from exported.notes
    yield from drafted.notes()
    for node_id in saves_on_the_way(wiring, exported.outputs):
        yield f"{wiring.title(node_id)} leaves files on the backend that are not sent to anybody."
    for slot in other_files(wiring, [one.node for one in pictures]):
        yield f"{described(wiring, slot)} stays {shown(wiring, slot)}, which has to be on the backend."
    needed = [one.node for one in pictures if not one.optional]
    spare = [one for one in needed[1:] if could_be_optional(wiring, one, exported.outputs)]
    if spare:
        yield f"It would work without {listed([wiring.title(one) for one in spare])} too, if made optional."
    filled = {slot for its in drafted.found.values() for slot in its.slots}
    filled |= {Slot(node=one.node, input=one.input) for one in pictures}
    yield from list(doubts(wiring, filled))[:_DOUBTS_SHOWN]


def _places(wiring: Wiring, slots: tuple[Slot, ...]) -> str:
    return listed([f"{described(wiring, slot)}, now {shown(wiring, slot)}" for slot in slots], "; ")

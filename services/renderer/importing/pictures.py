"""Nodes that load a picture to edit, and what goes with one that is left out."""

from __future__ import annotations

from services.renderer.definition import PictureSlot, Slot
from services.renderer.importing.classes import Input
from services.renderer.importing.refusal import RefusedError
from services.renderer.importing.wiring import Wiring

_OWN_FOLDER = ("", "input")
_CORE = ("LoadImage", "LoadImageMask")
_UPLOADS = ("image_upload", "video_upload", "audio_upload", "file_upload", "animated_image_upload")


def picture_input(wiring: Wiring, node_id: str) -> str | None:
    """The input of a node that takes the name of an uploaded picture, if it has one."""
    for slot in wiring.slots(node_id):
        spec = wiring.spec(slot)
        if isinstance(wiring.value(slot), str) and (_takes_picture(spec) if spec else _is_core(wiring, slot)):
            return slot.input
    return None


def found_pictures(wiring: Wiring, outputs: list[str]) -> list[str]:
    """Nodes that load a picture, in the order in which the nodes they lead to list them."""
    return [node_id for node_id in wiring.upstream(outputs) if picture_input(wiring, node_id)]


def other_files(wiring: Wiring, pictures: list[str]) -> list[Slot]:
    """Inputs that name a file which is taken as it is from the backend's own folder."""
    return [
        slot
        for node_id in wiring.graph
        if node_id not in pictures
        for slot in wiring.slots(node_id)
        if (spec := wiring.spec(slot)) is not None and any(spec.meta.get(key) for key in _UPLOADS)
    ]


def picture_slots(
    wiring: Wiring, pictures: list[str], optional: set[str], outputs: list[str]
) -> list[PictureSlot]:
    """
    Slots of *pictures*, the optional ones last.

    Raises:
        RefusedError: One that is to be optional is needed.
    """
    slots: list[PictureSlot] = []
    for node_id in sorted(pictures, key=lambda one: one in optional):
        drop = _going_with(wiring, node_id) if node_id in optional else ()
        needed = [one for one in outputs if one in drop]
        if needed:
            problem = (
                f"{wiring.title(node_id)} can't be optional: {wiring.title(needed[0])} needs its picture."
            )
            raise RefusedError("bad-choice", problem)
        slots.append(
            PictureSlot(
                node=node_id,
                input=picture_input(wiring, node_id) or "image",
                optional=node_id in optional,
                drop=drop,
            )
        )
    return slots


def could_be_optional(wiring: Wiring, node_id: str, outputs: list[str]) -> bool:
    """Whether the graph works without it."""
    return not set(_going_with(wiring, node_id)) & set(outputs)


def _going_with(wiring: Wiring, node_id: str) -> tuple[str, ...]:
    """The node, and all that can't do without it."""
    gone: dict[str, None] = {}
    todo = [node_id]
    while todo:
        node = todo.pop()
        gone[node] = None
        todo += [
            taker
            for taker in wiring.takers[node]
            if taker not in gone
            and any(
                source.node == node and _is_needed(wiring, slot) for slot, source in wiring.sources(taker)
            )
        ]
    return tuple(gone)


def _is_needed(wiring: Wiring, slot: Slot) -> bool:
    spec = wiring.spec(slot)
    return spec is None or spec.required


def _takes_picture(spec: Input) -> bool:
    # A picture out of another folder than that of uploads would be looked for under the wrong name.
    return bool(spec.meta.get("image_upload")) and spec.meta.get("image_folder", "") in _OWN_FOLDER


def _is_core(wiring: Wiring, slot: Slot) -> bool:
    return slot.input == "image" and wiring.graph[slot.node].class_type in _CORE

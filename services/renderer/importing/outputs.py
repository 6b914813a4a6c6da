"""Nodes whose files are the result, and what they make."""

from __future__ import annotations

from typing import Literal

from services.renderer.importing.wiring import Wiring

Medium = Literal["image", "video", "audio"]

_MEDIA: dict[str, Medium] = {"VIDEO": "video", "IMAGE": "image", "AUDIO": "audio", "MASK": "image"}
_MOVING = ("SaveWEBM", "SaveAnimatedWEBP", "SaveAnimatedPNG", "VHS_VideoCombine")
"""Nodes that make a video or moving picture out of single pictures."""


def medium(wiring: Wiring, node_id: str) -> Medium | None:
    """What a node saves or shows; nothing when it does neither, or with something else."""
    class_type = wiring.graph[node_id].class_type
    its = wiring.node_class(node_id)
    # Of a class that the backend has not: if nothing comes after it, it is there for what it does itself.
    if wiring.takers[node_id] if its is None else not its.is_output:
        return None
    if class_type in _MOVING:
        return "video"
    kinds = [_MEDIA.get(wiring.kind(slot)) for slot, _ in wiring.sources(node_id)]
    return next((one for one in ("video", "image", "audio") if one in kinds), None)


def found_outputs(wiring: Wiring) -> list[str]:
    """All that save something, or all that show something where nothing is saved."""
    showing = [node_id for node_id in wiring.graph if medium(wiring, node_id)]
    return [one for one in showing if not is_preview(wiring, one)] or showing


def is_preview(wiring: Wiring, node_id: str) -> bool:
    """Whether what it makes is only there to be looked at."""
    return "preview" in wiring.graph[node_id].class_type.lower()


def saves_on_the_way(wiring: Wiring, outputs: list[str]) -> list[str]:
    """Nodes before *outputs* that leave files on the backend which are not the result."""
    return [node_id for node_id in wiring.graph if node_id not in outputs and medium(wiring, node_id)]


def made(wiring: Wiring, outputs: list[str]) -> Medium:
    """What *outputs* make, taken together."""
    media = [medium(wiring, node_id) for node_id in outputs]
    return next(one for one in ("video", "image", "audio") if one in media)

"""The shape of a node: typed inputs, outputs, and what it does. Nodes are data; the engine is elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct, field

from services.devstack.comfyui.installation import Installation

from .job import NodeJob

Options = Callable[[Installation], list[str]]
Json = Any  # what json.loads gave; validated where it is used

COMBO = "COMBO"  # choice from a list; how it is announced depends on the node's generation


class Input(Struct, frozen=True, kw_only=True):
    """One input. `meta` is what `/object_info` says beside the type: default, min, max, tooltip, …"""

    name: str
    type: str
    meta: dict[str, Any] = field(default_factory=dict[str, Any])
    options: Options | None = None
    required: bool = True


class NodeResult(Struct, frozen=True, kw_only=True):
    """What a run gave: one value per output, and for output nodes what history shows."""

    outputs: tuple[Any, ...] = ()
    shown: dict[str, Any] | None = None


RunNode = Callable[[NodeJob, Mapping[str, Any]], Awaitable[NodeResult]]
Fingerprint = Callable[[Installation, Mapping[str, Any]], str]
Check = Callable[[Installation, Any], str | None]


class Node(Struct, frozen=True, kw_only=True):
    """
    A class_type.

    Attributes:
        fingerprint: ComfyUI's IS_CHANGED: the node runs again when it differs (OSError: always).
        checks: ComfyUI's VALIDATE_INPUTS: per input, why its value is refused; replaces the list check.
        modern: Written for ComfyUI's V3 node API, which announces itself in another form.
    """

    name: str
    run: RunNode
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    display_name: str = ""
    category: str = "sd"
    description: str = ""
    module: str = "nodes"
    is_output: bool = False
    modern: bool = False
    experimental: bool = False
    deprecated: bool = False
    fingerprint: Fingerprint | None = None
    checks: dict[str, Check] = field(default_factory=dict[str, Check])
    hidden: tuple[str, ...] = ()

    def input(self, name: str) -> Input | None:
        """Input called *name*, if the node has it."""
        return next((one for one in self.inputs if one.name == name), None)


def typed(one: Input, node: Node, here: Installation) -> tuple[Any, dict[str, Any]]:
    """Type and extra information of an input, as ComfyUI's own generation of *node* writes them."""
    if one.options is None:
        return one.type, one.meta
    options = one.options(here)
    if node.modern:
        return COMBO, {**one.meta, "multiselect": False, "options": options}
    return options, one.meta

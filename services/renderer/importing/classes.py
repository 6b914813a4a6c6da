"""What ``/object_info`` says of node classes, as far as an import asks."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any, TypeGuard, cast

from msgspec import Struct

from services.renderer.importing.reading import is_mapping
from services.renderer.object_info import ObjectInfo, outputs

COMBO = "COMBO"
DYNAMIC = "COMFY_DYNAMICCOMBO_V3"
"""A choice that brings inputs of its own."""
WIDGETS = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", COMBO, DYNAMIC})
"""Types that the editor shows a field for, so that they have a value of their own."""

_FILES = (
    *(".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".onnx", ".pkl", ".yaml"),
    *(".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp4", ".webm", ".mov", ".wav", ".mp3", ".flac", ".glb"),
)


class Input(Struct, frozen=True, kw_only=True):
    """
    One input of a class.

    Attributes:
        name: Its name, with its owner's in front where it depends on another's choice (``resize.width``).
        type: Such as ``INT``; ``COMBO`` for a choice, in either generation's form.
        options: What a choice is made of.
        meta: ``default``, ``min``, ``max``, ``step``, ``multiline``, ``image_upload`` and others.
        required: The server refuses a node without it.
    """

    name: str
    type: str
    options: list[Any] | None
    meta: dict[str, Any]
    required: bool

    @property
    def is_forced(self) -> bool:
        """It has a widget's type and no widget."""
        return self.type in WIDGETS and bool(self.meta.get("forceInput"))


class NodeClass(Struct, frozen=True, kw_only=True):
    """One class; ``outputs`` and ``output_names`` go by slot."""

    title: str
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    output_names: tuple[str, ...]
    is_output: bool
    is_outside: bool
    """It calls a service elsewhere, one that Comfy.org sells."""

    def input(self, name: str) -> Input | None:
        """Its input of that name, if it has one."""
        return next((one for one in self.inputs if one.name == name), None)


class Classes:
    """A backend's classes, read when they are asked for."""

    def __init__(self, info: ObjectInfo) -> None:
        self._info = info
        self._read: dict[str, NodeClass | None] = {}

    def get(self, name: str) -> NodeClass | None:
        """The class of that name, if the backend has it."""
        if name not in self._read:
            described = self._info.get(name)
            self._read[name] = _node_class(self._info, name, described) if is_mapping(described) else None
        return self._read[name]

    @cached_property
    def linked_types(self) -> frozenset[str]:
        """Types that some node hands on."""
        return frozenset(one for name in self._info for one in outputs(self._info, name))


def choice_keys(one: Input) -> list[Any]:
    """What can be chosen."""
    options = one.options or []
    return [option.get("key") for option in options if is_mapping(option)] if one.type == DYNAMIC else options


def choice_inputs(one: Input, key: object) -> list[Input]:
    """Inputs that come with the choice *key*."""
    for option in one.options or []:
        if is_mapping(option) and option.get("key") == key:
            return _inputs(option.get("inputs"), f"{one.name}.")
    return []


def is_file(value: object) -> bool:
    """Whether a choice is that of a file, such as a model: which there are differs by machine."""
    return isinstance(value, str) and value.lower().endswith(_FILES)


def is_number(value: object) -> TypeGuard[int | float]:
    """A number; true and false are none here."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def limits(one: Input) -> tuple[float, float]:
    """The least and the greatest number that an input takes."""
    least, most = one.meta.get("min"), one.meta.get("max")
    return least if is_number(least) else -math.inf, most if is_number(most) else math.inf


def _node_class(info: ObjectInfo, name: str, described: dict[str, Any]) -> NodeClass:
    names = described.get("output_name")
    return NodeClass(
        title=_text(described.get("display_name")) or name,
        inputs=tuple(_inputs(described.get("input"), "")),
        outputs=outputs(info, name),
        output_names=tuple(str(one) for one in cast("list[Any]", names)) if isinstance(names, list) else (),
        is_output=described.get("output_node") is True,
        is_outside=described.get("api_node") is True,
    )


def _inputs(groups: object, prefix: str) -> list[Input]:
    found: list[Input] = []
    for group in ("required", "optional"):
        members = groups.get(group) if is_mapping(groups) else None
        for name, config in members.items() if is_mapping(members) else ():
            found.append(_input(f"{prefix}{name}", config, required=group == "required"))
    return found


def _input(name: str, config: object, *, required: bool) -> Input:
    parts = cast("list[Any]", config) if isinstance(config, list) else []
    kind, more = (*parts, None, None)[:2]
    meta: dict[str, Any] = more if is_mapping(more) else {}
    options: object = cast("list[Any]", kind) if isinstance(kind, list) else meta.get("options")
    return Input(
        name=name,
        type=COMBO if isinstance(kind, list) else _text(kind) or "*",
        options=cast("list[Any]", options) if isinstance(options, list) else None,
        meta=meta,
        required=required,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

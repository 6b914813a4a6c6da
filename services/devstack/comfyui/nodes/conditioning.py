"""Nodes that turn text (and pictures) into conditioning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.devstack.comfyui.values import Conditioning

from .inputs import link, number, text
from .job import NodeJob
from .spec import Node, NodeResult


async def _encode(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=(Conditioning(text=given["text"]),))


async def _encode_flux(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=(Conditioning(text=given["t5xxl"] or given["clip_l"]),))


async def _encode_edit(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    # A batch counts as its first picture, which is all that a placeholder can show.
    batches = [given.get(name) for name in ("image1", "image2", "image3")]
    pictures = tuple(batch[0] for batch in batches if batch is not None)
    return NodeResult(outputs=(Conditioning(text=given["prompt"], pictures=pictures),))


async def _zero_out(_: NodeJob, __: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=(Conditioning(text=""),))


async def _string(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=(given["value"],))


CONDITIONING = (
    Node(
        name="CLIPTextEncode",
        display_name="CLIP Text Encode (Prompt)",
        category="conditioning",
        run=_encode,
        inputs=(
            text("text", multiline=True, dynamicPrompts=True, tooltip="The text to be encoded."),
            link("clip", "CLIP", tooltip="The CLIP model used for encoding the text."),
        ),
        outputs=("CONDITIONING",),
    ),
    Node(
        name="CLIPTextEncodeFlux",
        category="advanced/conditioning/flux",
        module="comfy_extras.nodes_flux",
        modern=True,
        run=_encode_flux,
        inputs=(
            link("clip", "CLIP"),
            text("clip_l", multiline=True, dynamicPrompts=True),
            text("t5xxl", multiline=True, dynamicPrompts=True),
            number("guidance", 3.5, 0.0, 100.0, step=0.1),
        ),
        outputs=("CONDITIONING",),
    ),
    Node(
        name="TextEncodeQwenImageEditPlus",
        category="advanced/conditioning",
        module="comfy_extras.nodes_qwen",
        modern=True,
        run=_encode_edit,
        inputs=(
            link("clip", "CLIP"),
            text("prompt", multiline=True, dynamicPrompts=True),
            link("vae", "VAE", required=False),
            link("image1", "IMAGE", required=False),
            link("image2", "IMAGE", required=False),
            link("image3", "IMAGE", required=False),
        ),
        outputs=("CONDITIONING",),
    ),
    Node(
        name="ConditioningZeroOut",
        display_name="ConditioningZeroOut",
        category="advanced/conditioning",
        run=_zero_out,
        inputs=(link("conditioning", "CONDITIONING"),),
        outputs=("CONDITIONING",),
    ),
    Node(
        name="PrimitiveString",
        display_name="String",
        category="utils/primitive",
        module="comfy_extras.nodes_primitive",
        modern=True,
        run=_string,
        inputs=(text("value", multiline=False),),
        outputs=("STRING",),
    ),
    Node(
        name="PrimitiveStringMultiline",
        display_name="String (Multiline)",
        category="utils/primitive",
        module="comfy_extras.nodes_primitive",
        modern=True,
        run=_string,
        inputs=(text("value", multiline=True),),
        outputs=("STRING",),
    ),
)

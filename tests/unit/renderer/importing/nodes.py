"""What a backend says of its nodes: the simulator's own, and a few that it has not, in the same form."""

from __future__ import annotations

import copy
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from services.devstack.comfyui.folders import Folders
from services.devstack.comfyui.installation import Installation
from services.devstack.comfyui.models import ModelShelf
from services.devstack.comfyui.nodes.description import describe
from services.devstack.comfyui.nodes.library import library
from services.renderer.object_info import ObjectInfo

Inputs = dict[str, Any]


def info() -> ObjectInfo:
    """A server with every model that the simulator has."""
    return copy.deepcopy(simulated() | MORE)


@cache
def simulated() -> ObjectInfo:
    """The simulator's nodes, with nothing in its input folder."""
    with tempfile.TemporaryDirectory() as base:
        here = Installation(shelf=ModelShelf(), folders=Folders(Path(base)))
        here.folders.prepare()
        return {name: describe(node, here) for name, node in library(here).items()}


def node(
    required: Inputs,
    outputs: tuple[str, ...],
    names: tuple[str, ...] = (),
    optional: Inputs | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One class of ``/object_info``."""
    inputs: dict[str, Any] = {"required": required}
    if optional:
        inputs["optional"] = optional
    return {"input": inputs, "output": list(outputs), "output_name": list(names or outputs), **more}


def whole(default: int = 0, **meta: Any) -> list[Any]:
    """An INT."""
    return ["INT", {"default": default, "min": 0, "max": 10_000, **meta}]


def decimal(default: float = 1.0, **meta: Any) -> list[Any]:
    """A FLOAT."""
    return ["FLOAT", {"default": default, "min": 0.0, "max": 100.0, **meta}]


TEXT = ["STRING", {"multiline": True}]
CONDITIONING = ["CONDITIONING", {}]
SIDES = {"positive": CONDITIONING, "negative": CONDITIONING}

MORE: ObjectInfo = {
    "PrimitiveInt": node({"value": ["INT", {"control_after_generate": True}]}, ("INT",)),
    "PrimitiveFloat": node({"value": ["FLOAT", {}]}, ("FLOAT",)),
    "FluxGuidance": node({"conditioning": CONDITIONING, "guidance": decimal(3.5)}, ("CONDITIONING",)),
    "BasicGuider": node({"model": ["MODEL"], "conditioning": CONDITIONING}, ("GUIDER",)),
    "CFGGuider": node({"model": ["MODEL"], **SIDES, "cfg": decimal(8.0)}, ("GUIDER",)),
    "RandomNoise": node({"noise_seed": whole(max=2**64 - 1, control_after_generate=True)}, ("NOISE",)),
    "KSamplerSelect": node({"sampler_name": [["euler", "heun"]]}, ("SAMPLER",)),
    "BasicScheduler": node(
        {"model": ["MODEL"], "scheduler": [["simple"]], "steps": whole(20), "denoise": decimal()},
        ("SIGMAS",),
    ),
    "SamplerCustomAdvanced": node(
        {
            "noise": ["NOISE"],
            "guider": ["GUIDER"],
            "sampler": ["SAMPLER"],
            "sigmas": ["SIGMAS"],
            "latent_image": ["LATENT"],
        },
        ("LATENT", "LATENT"),
        ("output", "denoised_output"),
    ),
    "ControlNetApplyAdvanced": node(
        {**SIDES, "control_net": ["CONTROL_NET"], "image": ["IMAGE"], "strength": decimal()},
        ("CONDITIONING", "CONDITIONING"),
        ("positive", "negative"),
    ),
    "ControlNetLoader": node({"control_net_name": [["canny.safetensors"]]}, ("CONTROL_NET",)),
    "BoxOfWords": node({"conditioning_to": CONDITIONING, "text": TEXT}, ("CONDITIONING",)),
    "ModelSamplingFlux": node(
        {
            "model": ["MODEL"],
            "max_shift": decimal(1.15),
            "base_shift": decimal(0.5),
            "width": whole(1024),
            "height": whole(1024),
        },
        ("MODEL",),
    ),
    "StringConcatenate": node(
        {"string_a": TEXT, "string_b": TEXT, "delimiter": ["STRING", {"default": ""}]}, ("STRING",)
    ),
    "ComfySwitchNode": node(
        {
            "switch": ["BOOLEAN", {}],
            "on_false": ["COMFY_MATCHTYPE_V3", {"template": {"allowed_types": "*"}}],
            "on_true": ["COMFY_MATCHTYPE_V3", {"template": {"allowed_types": "*"}}],
        },
        ("*",),
    ),
    "ResizeImageMaskNode": node(
        {
            "input": ["COMFY_MATCHTYPE_V3", {"template": {"allowed_types": "IMAGE,MASK"}}],
            "resize_type": [
                "COMFY_DYNAMICCOMBO_V3",
                {
                    "options": [
                        {"key": "by factor", "inputs": {"required": {"factor": decimal()}}},
                        {
                            "key": "to size",
                            "inputs": {"required": {"width": whole(512), "height": whole(512)}},
                        },
                    ]
                },
            ],
            "method": ["COMBO", {"options": ["area", "lanczos"]}],
        },
        ("IMAGE",),
    ),
    "AllInOne": node({"prompt": TEXT, "negative_prompt": TEXT, "seed": whole()}, ("IMAGE",), api_node=True),
    "TwoWayGuider": node(
        {"cond1": CONDITIONING, "cond2": CONDITIONING, "negative": CONDITIONING}, ("GUIDER",)
    ),
    "LatentUpscale": node({"samples": ["LATENT"], "width": whole(512), "height": whole(512)}, ("LATENT",)),
    "SizeAndMore": node(
        {"width": whole(512), "height": whole(512), "length": whole(9)},
        ("CAMERA", "INT", "INT"),
        ("camera", "width", "height"),
    ),
    "CLIPVisionLoader": node({"clip_name": [["eyes.safetensors"]]}, ("CLIP_VISION",)),
    "CLIPVisionLoaderMultiGPU": node({"clip_name": [["eyes.safetensors"]]}, ("CLIP_VISION",)),
    "CLIPVisionEncode": node({"clip_vision": ["CLIP_VISION"], "image": ["IMAGE"]}, ("IMAGE",)),
    "LoadFaded": node(
        {"image": [[], {"image_upload": True}]}, ("IMAGE",), optional={"strength": decimal(), "note": TEXT}
    ),
    "Tracks": node(
        {"points": ["STRING", {"forceInput": True}], "count": whole(1), "note": ["STRING", {"default": "n"}]},
        ("TRACKS",),
    ),
}

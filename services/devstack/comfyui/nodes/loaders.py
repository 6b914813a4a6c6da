"""Nodes that load model files. They take no time: only samplers do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from services.devstack.comfyui.installation import Installation
from services.devstack.comfyui.values import Clip, Model, Vae

from .inputs import choice, link, listed, model_file, number
from .job import NodeJob
from .spec import Node, NodeResult

_CLIP_TYPES = (
    "stable_diffusion",
    "stable_cascade",
    "sd3",
    "stable_audio",
    "mochi",
    "ltxv",
    "pixart",
    "cosmos",
    "lumina2",
    "wan",
    "hidream",
    "chroma",
    "ace",
    "omnigen2",
    "qwen_image",
    "hunyuan_image",
    "flux2",
    "ovis",
)
_DUAL_CLIP_TYPES = (
    "sdxl",
    "sd3",
    "flux",
    "hunyuan_video",
    "hidream",
    "hunyuan_image",
    "hunyuan_video_15",
    "kandinsky5",
    "kandinsky5_image",
    "ltxv",
    "newbie",
)
_WEIGHT_TYPES = ("default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2")


async def _checkpoint(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    file = given["ckpt_name"]
    return NodeResult(outputs=(Model(file=file), Clip(files=(file,)), Vae(file=file)))


async def _diffusion_model(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=(Model(file=given["unet_name"]),))


async def _clip(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=(Clip(files=(given["clip_name"],)),))


async def _dual_clip(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=(Clip(files=(given["clip_name1"], given["clip_name2"])),))


async def _vae(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=(Vae(file=given["vae_name"]),))


async def _patched_model(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    model: Model = given["model"]
    return NodeResult(outputs=(msgspec.structs.replace(model),))


def _vae_files(here: Installation) -> list[str]:
    # Only the loader offers this one: it is no file, so /models/vae does not list it.
    return [*(here.shelf.files("vae") or []), "pixel_space"]


LOADERS = (
    Node(
        name="CheckpointLoaderSimple",
        display_name="Load Checkpoint",
        category="loaders",
        run=_checkpoint,
        inputs=(model_file("ckpt_name", "checkpoints", tooltip="The checkpoint to load."),),
        outputs=("MODEL", "CLIP", "VAE"),
    ),
    Node(
        name="UNETLoader",
        display_name="Load Diffusion Model",
        category="advanced/loaders",
        run=_diffusion_model,
        inputs=(model_file("unet_name", "diffusion_models"), choice("weight_dtype", _WEIGHT_TYPES)),
        outputs=("MODEL",),
    ),
    Node(
        name="CLIPLoader",
        display_name="Load CLIP",
        category="advanced/loaders",
        run=_clip,
        inputs=(
            model_file("clip_name", "text_encoders"),
            choice("type", _CLIP_TYPES),
            choice("device", ("default", "cpu"), required=False, advanced=True),
        ),
        outputs=("CLIP",),
    ),
    Node(
        name="DualCLIPLoader",
        display_name="DualCLIPLoader",
        category="advanced/loaders",
        run=_dual_clip,
        inputs=(
            model_file("clip_name1", "text_encoders"),
            model_file("clip_name2", "text_encoders"),
            choice("type", _DUAL_CLIP_TYPES),
            choice("device", ("default", "cpu"), required=False, advanced=True),
        ),
        outputs=("CLIP",),
    ),
    Node(
        name="VAELoader",
        display_name="Load VAE",
        category="loaders",
        run=_vae,
        inputs=(listed("vae_name", _vae_files),),
        outputs=("VAE",),
    ),
)

MODEL_PATCHES = (
    Node(
        name="LoraLoaderModelOnly",
        display_name="LoraLoaderModelOnly",
        category="loaders",
        run=_patched_model,
        inputs=(
            link("model", "MODEL"),
            model_file("lora_name", "loras"),
            number("strength_model", 1.0, -100.0, 100.0, step=0.01),
        ),
        outputs=("MODEL",),
    ),
    Node(
        name="ModelSamplingSD3",
        display_name="ModelSamplingSD3",
        category="advanced/model",
        module="comfy_extras.nodes_model_advanced",
        run=_patched_model,
        inputs=(link("model", "MODEL"), number("shift", 3.0, 0.0, 100.0, step=0.01)),
        outputs=("MODEL",),
    ),
    Node(
        name="ModelSamplingAuraFlow",
        display_name="ModelSamplingAuraFlow",
        category="advanced/model",
        module="comfy_extras.nodes_model_advanced",
        run=_patched_model,
        inputs=(link("model", "MODEL"), number("shift", 1.73, 0.0, 100.0, step=0.01)),
        outputs=("MODEL",),
    ),
    Node(
        name="CFGNorm",
        category="advanced/guidance",
        module="comfy_extras.nodes_cfg",
        modern=True,
        experimental=True,
        run=_patched_model,
        inputs=(link("model", "MODEL"), number("strength", 1.0, 0.0, 100.0, step=0.01)),
        outputs=("MODEL",),
        output_names=("patched_model",),
    ),
)

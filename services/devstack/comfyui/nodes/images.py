"""Nodes on pixels that need no model; what they compute is what the real ones compute."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageOps, ImageSequence

from services.devstack.comfyui.installation import Installation
from services.devstack.comfyui.values import Frames

from .inputs import MAX_RESOLUTION, choice, integer, link, listed
from .job import NodeJob
from .scaling import METHODS, kontext_size, scaled
from .spec import Node, NodeResult

_IMAGE_SUFFIXES = frozenset(Image.registered_extensions())
_MASK_SIDE = 64  # of the empty mask that a picture without transparency gets


async def _empty(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    color: int = given["color"]
    rgb = (color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF)
    size = (given["width"], given["height"])
    picture = await asyncio.to_thread(Image.new, "RGB", size, rgb)
    return NodeResult(outputs=((picture,) * given["batch_size"],))


async def _invert(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    frames: Frames = given["image"]
    return NodeResult(outputs=(await asyncio.to_thread(_inverted, frames),))


def _inverted(frames: Frames) -> Frames:
    return tuple(ImageChops.invert(frame) for frame in frames)


async def _scale(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    frames: Frames = given["image"]
    width, height = given["width"], given["height"]
    if not width and not height:
        return NodeResult(outputs=(frames,))
    old_width, old_height = frames[0].size
    size = (
        width or max(1, round(old_width * height / old_height)),
        height or max(1, round(old_height * width / old_width)),
    )
    center = given["crop"] == "center"
    done = await asyncio.to_thread(scaled, frames, size, given["upscale_method"], center=center)
    return NodeResult(outputs=(done,))


async def _scale_kontext(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    frames: Frames = given["image"]
    size = kontext_size(*frames[0].size)
    return NodeResult(outputs=(await asyncio.to_thread(scaled, frames, size, "lanczos", center=True),))


async def _batch(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    first: Frames = given["image1"]
    second: Frames = given["image2"]
    if first[0].size != second[0].size:
        second = await asyncio.to_thread(scaled, second, first[0].size, "bilinear", center=True)
    return NodeResult(outputs=((*first, *second),))


async def _load(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=await asyncio.to_thread(_loaded, job.here.folders.annotated(given["image"])))


def _loaded(path: Path) -> tuple[Frames, Frames]:
    """Read every frame that has the first one's size, and its transparency as a mask."""
    frames: list[Image.Image] = []
    masks: list[Image.Image] = []
    with Image.open(path) as file:
        for raw in ImageSequence.Iterator(file):
            frame = ImageOps.exif_transpose(raw)
            rgb = frame.convert("RGB")
            if frames and rgb.size != frames[0].size:
                continue
            frames.append(rgb)
            masks.append(_mask(frame))
    return tuple(frames), tuple(masks)


def _mask(frame: Image.Image) -> Image.Image:
    if frame.has_transparency_data:
        return ImageChops.invert(frame.convert("RGBA").getchannel("A"))
    return Image.new("L", (_MASK_SIDE, _MASK_SIDE), 0)


def _input_pictures(here: Installation) -> list[str]:
    folder = here.folders.base / "input"
    return sorted(
        one.name for one in folder.iterdir() if one.suffix.lower() in _IMAGE_SUFFIXES and one.is_file()
    )


def _content_digest(here: Installation, given: Mapping[str, Any]) -> str:
    return hashlib.sha256(here.folders.annotated(given["image"]).read_bytes()).hexdigest()


def _missing(here: Installation, name: Any) -> str | None:
    return None if here.folders.annotated(name).exists() else f"Invalid image file: {name}"


IMAGES = (
    Node(
        name="EmptyImage",
        category="image",
        run=_empty,
        inputs=(
            integer("width", 512, 1, MAX_RESOLUTION, step=1),
            integer("height", 512, 1, MAX_RESOLUTION, step=1),
            integer("batch_size", 1, 1, 4096),
            integer("color", 0, 0, 0xFFFFFF, step=1, display="color"),
        ),
        outputs=("IMAGE",),
    ),
    Node(
        name="ImageInvert",
        display_name="Invert Image",
        category="image",
        run=_invert,
        inputs=(link("image", "IMAGE"),),
        outputs=("IMAGE",),
    ),
    Node(
        name="ImageScale",
        display_name="Upscale Image",
        category="image/upscaling",
        run=_scale,
        inputs=(
            link("image", "IMAGE"),
            choice("upscale_method", METHODS),
            integer("width", 512, 0, MAX_RESOLUTION, step=1),
            integer("height", 512, 0, MAX_RESOLUTION, step=1),
            choice("crop", ("disabled", "center")),
        ),
        outputs=("IMAGE",),
    ),
    Node(
        name="FluxKontextImageScale",
        category="advanced/conditioning/flux",
        description="This node resizes the image to one that is more optimal for flux kontext.",
        module="comfy_extras.nodes_flux",
        modern=True,
        run=_scale_kontext,
        inputs=(link("image", "IMAGE"),),
        outputs=("IMAGE",),
    ),
    Node(
        name="ImageBatch",
        display_name="Batch Images",
        category="image",
        deprecated=True,
        run=_batch,
        inputs=(link("image1", "IMAGE"), link("image2", "IMAGE")),
        outputs=("IMAGE",),
    ),
    Node(
        name="LoadImage",
        display_name="Load Image",
        category="image",
        run=_load,
        inputs=(listed("image", _input_pictures, image_upload=True),),
        outputs=("IMAGE", "MASK"),
        fingerprint=_content_digest,
        checks={"image": _missing},
    ),
)

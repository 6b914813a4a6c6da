"""Output nodes that write pictures, with the whole prompt in the file as ComfyUI does."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from services.devstack.comfyui.values import Frames

from .inputs import choice, integer, link, number, text
from .job import NodeJob
from .spec import Input, Node, NodeResult

_PNG_COMPRESSION = 4
_TEMP_COMPRESSION = 1
_WEBP_EFFORT = {"default": 4, "fastest": 0, "slowest": 6}
_EXIF_MODEL = 0x0110
_EXIF_MAKE = 0x010F
_TEMP_TAG = "_temp_" + "".join(secrets.choice("abcdefghijklmnopqrstupvxyz") for _ in range(5))


async def _save(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    files = await asyncio.to_thread(
        _save_png, job, given["images"], given["filename_prefix"], "output", _PNG_COMPRESSION
    )
    return NodeResult(shown={"images": files})


async def _preview(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    prefix = f"ComfyUI{_TEMP_TAG}"
    files = await asyncio.to_thread(_save_png, job, given["images"], prefix, "temp", _TEMP_COMPRESSION)
    return NodeResult(shown={"images": files})


def _save_png(job: NodeJob, frames: Frames, prefix: str, kind: str, level: int) -> list[dict[str, str]]:
    width, height = frames[0].size
    root = job.here.folders.base / kind
    target = job.here.folders.save_target(prefix, root, width=width, height=height)
    info = PngInfo()
    for key, value in job.metadata().items():
        info.add_text(key, json.dumps(value))
    files: list[dict[str, str]] = []
    for index, frame in enumerate(frames):
        stem = target.stem.replace("%batch_num%", str(index))
        name = f"{stem}_{target.counter + index:05}_.png"
        frame.save(target.folder / name, pnginfo=info, compress_level=level)
        files.append({"filename": name, "subfolder": target.subfolder, "type": kind})
    return files


async def _save_webp(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    files = await asyncio.to_thread(_write_webp, job, given)
    return NodeResult(shown={"images": files, "animated": [True]})


def _write_webp(job: NodeJob, given: Mapping[str, Any]) -> list[dict[str, str]]:
    frames: Frames = given["images"]
    width, height = frames[0].size
    root = job.here.folders.base / "output"
    target = job.here.folders.save_target(given["filename_prefix"], root, width=width, height=height)
    name = f"{target.stem}_{target.counter:05}_.webp"
    frames[0].save(
        target.folder / name,
        save_all=True,
        append_images=list(frames[1:]),
        duration=int(1000 / given["fps"]),
        lossless=given["lossless"],
        quality=given["quality"],
        method=_WEBP_EFFORT[given["method"]],
        exif=_exif(job),
    )
    return [{"filename": name, "subfolder": target.subfolder, "type": "output"}]


def _exif(job: NodeJob) -> Image.Exif:
    """WebP has no text chunks: the prompt goes into the camera model, the rest counts down from the make."""
    exif = Image.Exif()
    exif[_EXIF_MODEL] = f"prompt:{json.dumps(job.prompt)}"
    for offset, (key, value) in enumerate((job.extra_pnginfo or {}).items()):
        exif[_EXIF_MAKE - offset] = f"{key}:{json.dumps(value)}"
    return exif


_PNG_HIDDEN = ("prompt", "extra_pnginfo")
_PREFIX = text("filename_prefix", default="ComfyUI", tooltip="The prefix for the file to save.")


SAVING = (
    Node(
        name="SaveImage",
        display_name="Save Image",
        category="image",
        description="Saves the input images to your ComfyUI output directory.",
        run=_save,
        is_output=True,
        inputs=(link("images", "IMAGE", tooltip="The images to save."), _PREFIX),
        hidden=_PNG_HIDDEN,
    ),
    Node(
        name="PreviewImage",
        display_name="Preview Image",
        category="image",
        description="Saves the input images to your ComfyUI output directory.",
        run=_preview,
        is_output=True,
        inputs=(link("images", "IMAGE"),),
        hidden=_PNG_HIDDEN,
    ),
    Node(
        name="SaveAnimatedWEBP",
        category="image/animation",
        module="comfy_extras.nodes_images",
        modern=True,
        run=_save_webp,
        is_output=True,
        inputs=(
            link("images", "IMAGE"),
            text("filename_prefix", default="ComfyUI", multiline=False),
            number("fps", 6.0, 0.01, 1000.0, step=0.01),
            Input(name="lossless", type="BOOLEAN", meta={"default": True}),
            integer("quality", 80, 0, 100),
            choice("method", tuple(_WEBP_EFFORT)),
        ),
        hidden=_PNG_HIDDEN,
    ),
)

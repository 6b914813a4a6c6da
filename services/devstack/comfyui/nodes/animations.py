"""Output nodes that write animated pictures, with the whole prompt in the file as ComfyUI does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from services.devstack.comfyui.values import Frames

from .inputs import choice, integer, link, number, text
from .job import NodeJob
from .spec import Input, Node, NodeResult

_WEBP_EFFORT = {"default": 4, "fastest": 0, "slowest": 6}
_EXIF_MODEL = 0x0110
_EXIF_MAKE = 0x010F

_Write = Callable[[Path, NodeJob, Mapping[str, Any]], None]


async def _save_webp(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return await asyncio.to_thread(_saved, job, given, "webp", _write_webp)


async def _save_png(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return await asyncio.to_thread(_saved, job, given, "png", _write_png)


def _saved(job: NodeJob, given: Mapping[str, Any], ending: str, write: _Write) -> NodeResult:
    frames: Frames = given["images"]
    width, height = frames[0].size
    root = job.here.folders.base / "output"
    target = job.here.folders.save_target(given["filename_prefix"], root, width=width, height=height)
    name = f"{target.stem}_{target.counter:05}_.{ending}"
    write(target.folder / name, job, given)
    file = {"filename": name, "subfolder": target.subfolder, "type": "output"}
    moves = {"animated": [True]} if len(frames) > 1 else {}
    return NodeResult(shown={"images": [file], **moves})


def _write_webp(path: Path, job: NodeJob, given: Mapping[str, Any]) -> None:
    first, *others = given["images"]
    first.save(
        path,
        save_all=True,
        append_images=others,
        duration=int(1000 / given["fps"]),
        lossless=given["lossless"],
        quality=given["quality"],
        method=_WEBP_EFFORT[given["method"]],
        exif=_exif(job),
    )


def _exif(job: NodeJob) -> Image.Exif:
    """WebP has no text chunks: the prompt goes into the camera model, the rest counts down from the make."""
    exif = Image.Exif()
    exif[_EXIF_MODEL] = f"prompt:{json.dumps(job.prompt)}"
    for offset, (key, value) in enumerate((job.extra_pnginfo or {}).items()):
        exif[_EXIF_MAKE - offset] = f"{key}:{json.dumps(value)}"
    return exif


def _write_png(path: Path, job: NodeJob, given: Mapping[str, Any]) -> None:
    first, *others = given["images"]
    info = PngInfo()
    for key, value in job.metadata().items():
        # Readers that know text chunks do not find it: it is in a kind of chunk of ComfyUI's own.
        info.add(b"comf", key.encode() + b"\0" + json.dumps(value).encode(), after_idat=True)
    first.save(
        path,
        pnginfo=info,
        compress_level=given["compress_level"],
        save_all=True,
        duration=int(1000 / given["fps"]),
        append_images=others,
    )


def _animation(name: str, run: Any, *inputs: Input) -> Node:
    return Node(
        name=name,
        category="image/animation",
        module="comfy_extras.nodes_images",
        modern=True,
        run=run,
        is_output=True,
        inputs=(
            link("images", "IMAGE"),
            text("filename_prefix", default="ComfyUI", multiline=False),
            number("fps", 6.0, 0.01, 1000.0, step=0.01),
            *inputs,
        ),
        hidden=("prompt", "extra_pnginfo"),
    )


ANIMATIONS = (
    _animation(
        "SaveAnimatedWEBP",
        _save_webp,
        Input(name="lossless", type="BOOLEAN", meta={"default": True}),
        integer("quality", 80, 0, 100),
        choice("method", tuple(_WEBP_EFFORT)),
    ),
    _animation("SaveAnimatedPNG", _save_png, integer("compress_level", 4, 0, 9)),
)

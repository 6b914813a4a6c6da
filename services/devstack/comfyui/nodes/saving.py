"""Output nodes that write pictures and latents, with the whole prompt in the file as ComfyUI does."""

from __future__ import annotations

import asyncio
import json
import math
import secrets
from collections.abc import Mapping
from typing import Any

from PIL.PngImagePlugin import PngInfo

from services.devstack.comfyui.values import Frames, Latent

from .inputs import link, text
from .job import NodeJob
from .spec import Node, NodeResult

_PNG_COMPRESSION = 4
_TEMP_COMPRESSION = 1
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


async def _save_latent(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    files = await asyncio.to_thread(_write_latent, job, given["samples"], given["filename_prefix"])
    return NodeResult(shown={"latents": files})


def _write_latent(job: NodeJob, latent: Latent, prefix: str) -> list[dict[str, str]]:
    """A file of safetensors: the size of its header, the header with the prompt, and the numbers."""
    root = job.here.folders.base / "output"
    target = job.here.folders.save_target(prefix, root, width=0, height=0)
    name = f"{target.stem}_{target.counter:05}_.latent"
    shape = [latent.batch, 4, latent.height // 8, latent.width // 8]
    size = 4 * math.prod(shape)
    header = json.dumps(
        {
            "__metadata__": {key: json.dumps(value) for key, value in job.metadata().items()},
            "latent_format_version_0": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]},
            "latent_tensor": {"dtype": "F32", "shape": shape, "data_offsets": [0, size]},
        }
    ).encode()
    (target.folder / name).write_bytes(len(header).to_bytes(8, "little") + header + bytes(size))
    return [{"filename": name, "subfolder": target.subfolder, "type": "output"}]


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
        name="SaveLatent",
        category="_for_testing",
        run=_save_latent,
        is_output=True,
        inputs=(link("samples", "LATENT"), text("filename_prefix", default="latents/ComfyUI")),
        hidden=_PNG_HIDDEN,
    ),
)

"""Nodes that make latents, and the VAE's two ways. Decoding is where the placeholder is painted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from services.devstack.comfyui.painting.decode import decoded
from services.devstack.comfyui.values import Frames, Latent

from .inputs import MAX_RESOLUTION, integer, link
from .job import NodeJob
from .spec import Node, NodeResult


async def _empty(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    # A latent has one cell per 8 pixels: what does not divide is lost.
    width, height = given["width"] // 8 * 8, given["height"] // 8 * 8
    latent = Latent(width=width, height=height, batch=given["batch_size"], frames=_whole_frames(given))
    return NodeResult(outputs=(latent,))


def _whole_frames(given: Mapping[str, Any]) -> int | None:
    length: int | None = given.get("length")
    return None if length is None else (length - 1) // 4 * 4 + 1  # the video VAE packs frames by four


async def _encode(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    pixels: Frames = given["pixels"]
    width, height = pixels[0].size
    latent = Latent(width=width // 8 * 8, height=height // 8 * 8, batch=len(pixels), pixels=tuple(pixels))
    return NodeResult(outputs=(latent,))


async def _decode(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=(await asyncio.to_thread(decoded, given["samples"]),))


_BATCH = integer("batch_size", 1, 1, 4096)

LATENTS = (
    Node(
        name="EmptyLatentImage",
        display_name="Empty Latent Image",
        category="latent",
        run=_empty,
        inputs=(
            integer("width", 512, 16, MAX_RESOLUTION, step=8),
            integer("height", 512, 16, MAX_RESOLUTION, step=8),
            _BATCH,
        ),
        outputs=("LATENT",),
    ),
    Node(
        name="EmptySD3LatentImage",
        category="latent/sd3",
        module="comfy_extras.nodes_sd3",
        modern=True,
        run=_empty,
        inputs=(
            integer("width", 1024, 16, MAX_RESOLUTION, step=16),
            integer("height", 1024, 16, MAX_RESOLUTION, step=16),
            _BATCH,
        ),
        outputs=("LATENT",),
    ),
    Node(
        name="EmptyHunyuanLatentVideo",
        display_name="Empty HunyuanVideo 1.0 Latent",
        category="latent/video",
        module="comfy_extras.nodes_hunyuan",
        modern=True,
        run=_empty,
        inputs=(
            integer("width", 848, 16, MAX_RESOLUTION, step=16),
            integer("height", 480, 16, MAX_RESOLUTION, step=16),
            integer("length", 25, 1, MAX_RESOLUTION, step=4),
            _BATCH,
        ),
        outputs=("LATENT",),
    ),
    Node(
        name="VAEEncode",
        display_name="VAE Encode",
        category="latent",
        run=_encode,
        inputs=(link("pixels", "IMAGE"), link("vae", "VAE")),
        outputs=("LATENT",),
    ),
    Node(
        name="VAEDecode",
        display_name="VAE Decode",
        category="latent",
        run=_decode,
        inputs=(
            link("samples", "LATENT", tooltip="The latent to be decoded."),
            link("vae", "VAE", tooltip="The VAE model used for decoding the latent."),
        ),
        outputs=("IMAGE",),
    ),
)

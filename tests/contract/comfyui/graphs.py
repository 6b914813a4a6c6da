"""Small API-format graphs, each fresh (seed, colour or prefix), so that no cache serves it by chance."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

Graph = dict[str, dict[str, Any]]

FLUX_FILES = ("flux1-schnell.safetensors", "clip_l.safetensors", "t5xxl_fp16.safetensors", "ae.safetensors")
QWEN_FILES = (
    "qwen_image_edit_2509_fp8_e4m3fn.safetensors",
    "qwen_2.5_vl_7b_fp8_scaled.safetensors",
    "qwen_image_vae.safetensors",
)
WAN_FILES = (
    "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors",
    "wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors",
    "umt5_xxl_fp8_e4m3fn_scaled.safetensors",
    "wan_2.1_vae.safetensors",
)


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    """One node."""
    return {"class_type": class_type, "inputs": inputs}


def fresh_prefix() -> str:
    """A filename_prefix nobody has used."""
    return f"contract/{uuid.uuid4().hex}"


def fresh_color() -> int:
    """A colour that is most likely new."""
    return secrets.randbelow(0xFFFFFF)


def plain(
    *, width: int = 64, height: int = 48, color: int | None = None, batch: int = 1, prefix: str = ""
) -> Graph:
    """EmptyImage -> SaveImage: the cheapest picture there is."""
    shade = fresh_color() if color is None else color
    return {
        "1": node("EmptyImage", width=width, height=height, batch_size=batch, color=shade),
        "2": node("SaveImage", images=["1", 0], filename_prefix=prefix or fresh_prefix()),
    }


def inverted(name: str) -> Graph:
    """LoadImage -> ImageInvert -> SaveImage."""
    return {
        "1": node("LoadImage", image=name),
        "2": node("ImageInvert", image=["1", 0]),
        "3": node("SaveImage", images=["2", 0], filename_prefix=fresh_prefix()),
    }


def slow(links: int = 60) -> Graph:
    """A chain of large rescalings: keeps the worker busy for seconds, and can be stopped between nodes."""
    graph: Graph = {
        "0": node("EmptyImage", width=2048, height=2048, batch_size=1, color=fresh_color()),
        "save": node("SaveImage", images=[str(links), 0], filename_prefix=fresh_prefix()),
    }
    for index in range(1, links + 1):
        side = 2048 - 8 * (index % 2)
        graph[str(index)] = node(
            "ImageScale",
            image=[str(index - 1), 0],
            upscale_method="lanczos",
            width=side,
            height=side,
            crop="disabled",
        )
    return graph


def flux(
    prompt: str, *, seed: int | None = None, width: int = 256, height: int = 256, steps: int = 4
) -> Graph:
    """Text to picture with FLUX schnell."""
    return {
        "unet": node("UNETLoader", unet_name=FLUX_FILES[0], weight_dtype="default"),
        "clip": node("DualCLIPLoader", clip_name1=FLUX_FILES[1], clip_name2=FLUX_FILES[2], type="flux"),
        "vae": node("VAELoader", vae_name=FLUX_FILES[3]),
        "text": node("CLIPTextEncodeFlux", clip=["clip", 0], clip_l=prompt, t5xxl=prompt, guidance=3.5),
        "zero": node("ConditioningZeroOut", conditioning=["text", 0]),
        "latent": node("EmptySD3LatentImage", width=width, height=height, batch_size=1),
        "sample": _sampler(negative="zero", latent="latent", seed=seed, steps=steps),
        "decode": node("VAEDecode", samples=["sample", 0], vae=["vae", 0]),
        "save": node("SaveImage", images=["decode", 0], filename_prefix=fresh_prefix()),
    }


def qwen_edit(prompt: str, *names: str, seed: int | None = None) -> Graph:
    """Edit of one to three pictures with Qwen image edit."""
    graph: Graph = {
        "unet": node("UNETLoader", unet_name=QWEN_FILES[0], weight_dtype="default"),
        "clip": node("CLIPLoader", clip_name=QWEN_FILES[1], type="qwen_image"),
        "vae": node("VAELoader", vae_name=QWEN_FILES[2]),
        "text": node("TextEncodeQwenImageEditPlus", clip=["clip", 0], vae=["vae", 0], prompt=prompt),
        "empty": node("TextEncodeQwenImageEditPlus", clip=["clip", 0], vae=["vae", 0], prompt=""),
        "scaled": node("FluxKontextImageScale", image=["load1", 0]),
        "encode": node("VAEEncode", pixels=["scaled", 0], vae=["vae", 0]),
        "sample": _sampler(negative="empty", latent="encode", seed=seed),
        "decode": node("VAEDecode", samples=["sample", 0], vae=["vae", 0]),
        "save": node("SaveImage", images=["decode", 0], filename_prefix=fresh_prefix()),
    }
    for index, name in enumerate(names, start=1):
        graph[f"load{index}"] = node("LoadImage", image=name)
        graph["text"]["inputs"][f"image{index}"] = ["scaled" if index == 1 else f"load{index}", 0]
    return graph


def wan(prompt: str, *, frames: int = 17) -> Graph:
    """Text to video with the two Wan 2.2 models, high noise first."""
    return {
        "high": node("UNETLoader", unet_name=WAN_FILES[0], weight_dtype="default"),
        "low": node("UNETLoader", unet_name=WAN_FILES[1], weight_dtype="default"),
        "clip": node("CLIPLoader", clip_name=WAN_FILES[2], type="wan"),
        "vae": node("VAELoader", vae_name=WAN_FILES[3]),
        "text": node("CLIPTextEncode", clip=["clip", 0], text=prompt),
        "not": node("CLIPTextEncode", clip=["clip", 0], text="still"),
        "latent": node("EmptyHunyuanLatentVideo", width=128, height=96, length=frames, batch_size=1),
        "first": _half("high", "latent", fresh_color(), first=True),
        "second": _half("low", "first", 0, first=False),
        "decode": node("VAEDecode", samples=["second", 0], vae=["vae", 0]),
        "video": node("CreateVideo", images=["decode", 0], fps=16),
        "save": node(
            "SaveVideo", video=["video", 0], filename_prefix=fresh_prefix(), format="auto", codec="auto"
        ),
    }


def _sampler(*, negative: str, latent: str, seed: int | None, steps: int = 4) -> dict[str, Any]:
    return node(
        "KSampler",
        model=["unet", 0],
        positive=["text", 0],
        negative=[negative, 0],
        latent_image=[latent, 0],
        seed=secrets.randbelow(2**63) if seed is None else seed,
        steps=steps,
        cfg=1.0,
        sampler_name="euler",
        scheduler="simple",
        denoise=1.0,
    )


def _half(model: str, latent: str, seed: int, *, first: bool) -> dict[str, Any]:
    return node(
        "KSamplerAdvanced",
        model=[model, 0],
        positive=["text", 0],
        negative=["not", 0],
        latent_image=[latent, 0],
        noise_seed=seed,
        steps=4,
        cfg=1.0,
        sampler_name="euler",
        scheduler="simple",
        add_noise="enable" if first else "disable",
        start_at_step=0 if first else 2,
        end_at_step=2 if first else 4,
        return_with_leftover_noise="enable" if first else "disable",
    )

"""Prompts for a simulated ComfyUI behind a guard, and what they leave in its folders."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from aiohttp import FormData
from PIL import Image

from tests.integration.tunnel.host.running import INPUT, PROMPT, House
from tests.servers import eventually


def png() -> bytes:
    """A picture."""
    buffer = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def files(folder: Path) -> list[str]:
    """What lies in ComfyUI's folders."""
    base = folder / "comfyui"
    return sorted(
        path.relative_to(base).as_posix()
        for name in ("input", "output", "temp")
        for path in (base / name).rglob("*")
        if not path.is_dir()
    )


def graph(prompt: UUID, picture: str = INPUT) -> dict[str, Any]:
    """Loads a picture, saves it under the renderer's name, and previews it."""
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": picture}},
        "2": {
            "class_type": "SaveImage",
            "inputs": {"images": ["1", 0], "filename_prefix": f"darkroom-{prompt}"},
        },
        "3": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }


async def upload(one: House, name: str = INPUT) -> None:
    """Send a picture in."""
    form = FormData()
    form.add_field("image", png(), filename=name, content_type="image/png")
    async with one.client.post("/upload/image", data=form) as answer:
        assert name == (await answer.json())["name"]


async def rendered(one: House, prompt: UUID = PROMPT, picture: str = INPUT) -> None:
    """Have a prompt rendered to its end."""
    body = {"prompt": graph(prompt, picture), "prompt_id": str(prompt), "client_id": "a"}
    async with one.client.post("/prompt", json=body) as answer:
        assert 200 == answer.status, await answer.text()

    async def has_ended() -> bool:
        async with one.client.get(f"/history/{prompt}") as answer:
            return bool(await answer.json())

    await eventually(has_ended)


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    """A node of a graph."""
    return {"class_type": kind, "inputs": inputs}


async def queued(one: House, prompt: UUID, picture: str = INPUT) -> None:
    """Have a prompt wait that takes long and names *picture*."""
    seed = prompt.int % 10**9
    sampling = {"seed": seed, "steps": 20, "cfg": 1.0, "denoise": 1.0, "sampler_name": "euler"}
    linked = {"model": ["1", 0], "positive": ["4", 0], "negative": ["4", 0], "latent_image": ["2", 0]}
    saved = {"images": ["7", 0], "filename_prefix": f"darkroom-{prompt}"}
    model = await choice(one, "UNETLoader", "unet_name")
    clip = await choice(one, "CLIPLoader", "clip_name")
    vae = await choice(one, "VAELoader", "vae_name")
    slow = {
        "1": node("UNETLoader", unet_name=model, weight_dtype="default"),
        "2": node("EmptyLatentImage", width=64, height=64, batch_size=1),
        "3": node("CLIPLoader", clip_name=clip, type="flux2"),
        "4": node("CLIPTextEncode", text=f"like {picture}", clip=["3", 0]),
        "5": node("KSampler", scheduler="simple", **sampling, **linked),
        "6": node("VAELoader", vae_name=vae),
        "7": node("VAEDecode", samples=["5", 0], vae=["6", 0]),
        "8": node("SaveImage", **saved),
    }
    body = {"prompt": slow, "prompt_id": str(prompt), "client_id": "a"}
    async with one.client.post("/prompt", json=body) as answer:
        assert 200 == answer.status, await answer.text()


async def choice(one: House, node: str, name: str) -> str:
    """One of the files that a loader offers."""
    async with one.client.get(f"/object_info/{node}") as answer:
        return (await answer.json())[node]["input"]["required"][name][0][0]

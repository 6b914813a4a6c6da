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


async def queued(one: House, prompt: UUID, picture: str = INPUT) -> None:
    """Have a prompt wait that takes long and names *picture*."""
    async with one.client.get("/object_info/UNETLoader") as answer:
        info = await answer.json()
    model = info["UNETLoader"]["input"]["required"]["unet_name"][0][0]
    slow = {
        "1": {"class_type": "UNETLoader", "inputs": {"unet_name": model, "weight_dtype": "default"}},
        "2": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "3": {"class_type": "CLIPLoader", "inputs": {"clip_name": await choice(one, "CLIPLoader", "clip_name"), "type": "flux2"}},
        "4": {"class_type": "CLIPTextEncode", "inputs": {"text": f"like {picture}", "clip": ["3", 0]}},
        "5": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["1", 0], "positive": ["4", 0], "negative": ["4", 0], "latent_image": ["2", 0],
                "seed": int(prompt.int % 10**9), "steps": 20, "cfg": 1.0, "sampler_name": "euler", "scheduler": "simple",
                "denoise": 1.0,
            },
        },
        "6": {"class_type": "VAELoader", "inputs": {"vae_name": await choice(one, "VAELoader", "vae_name")}},
        "7": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["6", 0]}},
        "8": {"class_type": "SaveImage", "inputs": {"images": ["7", 0], "filename_prefix": f"darkroom-{prompt}"}},
    }  # fmt: skip
    body = {"prompt": slow, "prompt_id": str(prompt), "client_id": "a"}
    async with one.client.post("/prompt", json=body) as answer:
        assert 200 == answer.status, await answer.text()


async def choice(one: House, node: str, name: str) -> str:
    """One of the files that a loader offers."""
    async with one.client.get(f"/object_info/{node}") as answer:
        return (await answer.json())[node]["input"]["required"][name][0][0]

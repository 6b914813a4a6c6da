"""Models on several GPUs, from the order to what ComfyUI ran."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest
from PIL import Image

from schemas.facts import BackendReported, RenderSucceeded
from tests.integration.renderer.bench import Bench, bench, digest_of
from tests.servers import NatsServer, eventually


async def rendered(studio: Bench, folder: Path, command: str) -> dict[str, str]:
    """The device of each node that was placed, by ComfyUI's own record in the file it made."""

    async def known() -> bool:
        reports = [fact.report for fact in studio.facts.values() if isinstance(fact, BackendReported)]
        return any(report.lacks.get(digest_of(command)) == () for report in reports)

    await eventually(known)  # a renderer places nothing on a backend that it has not looked at yet
    await studio.fact(RenderSucceeded, await studio.order(command))
    [file] = (path for path in (folder / "output").rglob("*") if path.is_file())
    if file.suffix == ".mp4":
        with av.open(file) as film:
            prompt = film.metadata["prompt"]
    else:
        with Image.open(file) as image:
            prompt = image.info["prompt"]
    return {
        node_id: node["inputs"]["device"]
        for node_id, node in json.loads(prompt).items()
        if node["class_type"].endswith("MultiGPU")
    }


@pytest.mark.parametrize(
    ("gpus", "expected"),
    [
        (
            2,
            {
                "high-noise-model": "cuda:0",
                "low-noise-model": "cuda:1",
                "text-encoder": "cuda:1",
                "vae": "cuda:1",
            },
        ),
        (1, {}),
        (0, {}),
    ],
)
async def test_a_film_on_two_gpus(
    nats: NatsServer, tmp_path: Path, gpus: int, expected: dict[str, str]
) -> None:
    """Where ComfyUI-MultiGPU offers them, each of Wan's models has its own; anywhere else nothing changes."""
    async with bench(nats, tmp_path, gpus=gpus, step_s=0) as studio:
        assert expected == await rendered(studio, tmp_path, "wan")


async def test_a_picture_on_two_gpus(nats: NatsServer, tmp_path: Path) -> None:
    """The diffusion model keeps the first GPU to itself."""
    async with bench(nats, tmp_path, gpus=2, step_s=0) as studio:
        expected = {"model": "cuda:0", "text-encoders": "cuda:1", "vae": "cuda:1"}

        assert expected == await rendered(studio, tmp_path, "fd")

"""What the simulator's placeholders show."""

from __future__ import annotations

from io import BytesIO

import av
import pytest
from PIL import Image, ImageChops, ImageOps

from services.devstack.comfyui.painting.edit import picture_box
from tests.contract.comfyui.client import Comfy, picture_of
from tests.contract.comfyui.graphs import Graph, flux, qwen_edit, wan
from tests.contract.comfyui.pictures import difference, encoded, fresh_name, quarters
from tests.contract.comfyui.target import simulator_only

pytestmark = simulator_only


def input_part(edit: Image.Image, original: Image.Image) -> tuple[Image.Image, Image.Image]:
    """The part of an edit where its input lies, and the input at that size."""
    left, top, right, bottom = picture_box(*edit.size)
    fitted = ImageOps.contain(original, (right - left, bottom - top))
    x, y = left + (right - left - fitted.width) // 2, top + (bottom - top - fitted.height) // 2
    return edit.crop((x, y, x + fitted.width, y + fitted.height)), fitted


async def test_same_seed_same_picture(simulated: Comfy) -> None:
    """Prompt and seed decide the picture."""
    first = await picture_of(simulated, flux("a fox", seed=1))
    assert 0 == difference(first, await picture_of(simulated, flux("a fox", seed=1)))


async def test_prompt_and_seed_show(simulated: Comfy) -> None:
    """Another prompt, or another seed, is visibly another picture."""
    fox = await picture_of(simulated, flux("a fox", seed=1))
    assert difference(fox, await picture_of(simulated, flux("a fox", seed=2))) > 3
    assert difference(fox, await picture_of(simulated, flux("a heron", seed=1))) > 3


async def test_caption_shows(simulated: Comfy) -> None:
    """Steps change nothing but the caption, so that is where two pictures differ."""
    four, five = [await picture_of(simulated, flux("a fox", seed=1, steps=steps)) for steps in (4, 5)]
    left, top, right, bottom = (
        ImageChops.difference(four.convert("RGB"), five.convert("RGB")).getbbox() or (0,) * 4
    )
    assert 0 < (right - left) * (bottom - top) < 0.05 * four.width * four.height
    assert top > four.height * 0.7


async def test_edit_contains_its_input(simulated: Comfy) -> None:
    """The input picture nearly fills an edit, and what surrounds it is something else."""
    original = quarters((1024, 1024))
    name = fresh_name()
    await simulated.upload(name, encoded(original))
    edit = await picture_of(simulated, qwen_edit("add a goose", name))
    part, fitted = input_part(edit, original)
    assert difference(part, fitted) < 2
    assert part.width * part.height > 0.6 * edit.width * edit.height
    assert difference(edit.crop((0, 0, edit.width, 8)), original.crop((0, 0, edit.width, 8))) > 20


async def test_chain_shows_the_earlier_picture(simulated: Comfy) -> None:
    """An edit of an edit still contains the first picture."""
    original = quarters((1024, 1024))
    names = [fresh_name() for _ in range(2)]
    await simulated.upload(names[0], encoded(original))
    first = await picture_of(simulated, qwen_edit("one", names[0]))
    await simulated.upload(names[1], encoded(first))
    second = await picture_of(simulated, qwen_edit("two", names[1]))
    part, _ = input_part(second, first)
    inner, fitted = input_part(part, original)
    assert difference(inner, fitted) < 8


async def test_instruction_shows(simulated: Comfy) -> None:
    """Two instructions for one input give two pictures."""
    name = fresh_name()
    await simulated.upload(name, encoded(quarters()))
    day = await picture_of(simulated, qwen_edit("make it day", name, seed=1))
    assert difference(day, await picture_of(simulated, qwen_edit("make it night", name, seed=1))) > 0.2


async def test_several_inputs_show(simulated: Comfy) -> None:
    """A second input lies in the corner of the first."""
    names = [fresh_name() for _ in range(2)]
    await simulated.upload(names[0], encoded(Image.new("RGB", (512, 512), "#000000")))
    await simulated.upload(names[1], encoded(Image.new("RGB", (512, 512), "#ff00ff")))
    edit = await picture_of(simulated, qwen_edit("both", *names))
    assert (255, 0, 255) in {color for _, color in edit.getcolors(maxcolors=2**24) or []}


@pytest.mark.parametrize(
    "prompt",
    ["", "ф" * 2000, "word " * 2000, "日本語 🙂 مرحبا", "\ud800 half a pair", "\x00\x1b[0m\n\t", "%s {} \\"],
)
async def test_any_prompt_can_be_painted(simulated: Comfy, prompt: str) -> None:
    """No text, however odd or long, breaks a picture."""
    picture = await picture_of(simulated, flux(prompt, width=128, height=96, steps=1))
    assert (128, 96) == picture.size


@pytest.mark.parametrize("size", [(16, 16), (16, 512), (512, 16)])
async def test_any_size_can_be_painted(simulated: Comfy, size: tuple[int, int]) -> None:
    """The smallest and the narrowest pictures can be painted, and edited."""
    width, height = size
    picture = await picture_of(simulated, flux("tiny", width=width, height=height, steps=1))
    assert size == picture.size
    name = fresh_name()
    await simulated.upload(name, encoded(picture))
    await picture_of(simulated, qwen_edit("edit", name))


async def frames_of(comfy: Comfy, graph: Graph) -> list[Image.Image]:
    """Frames of the video that *graph* saves."""
    entry = await comfy.run(graph)
    body = await comfy.view(entry["outputs"]["save"]["images"][0])
    with av.open(BytesIO(body)) as movie:
        return [frame.to_image() for frame in movie.decode(video=0)]


async def test_video_moves(simulated: Comfy) -> None:
    """The first and the last frame of a video differ."""
    frames = await frames_of(simulated, wan("waves", frames=9))
    assert difference(frames[0], frames[-1]) > 2


async def test_video_shows_the_first_seed(simulated: Comfy) -> None:
    """The seed of the model that makes the noise decides, not the one of the model that goes on from it."""
    videos = [await frames_of(simulated, wan("waves", frames=5)) for _ in range(2)]
    assert difference(videos[0][0], videos[1][0]) > 2

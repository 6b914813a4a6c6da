"""What model-free nodes put out: true pixels, names, metadata, and the different forms of outputs."""

from __future__ import annotations

import json

from PIL import Image

from tests.contract.comfyui.client import Comfy
from tests.contract.comfyui.graphs import fresh_prefix, inverted, node, plain
from tests.contract.comfyui.pictures import decoded, difference, encoded, fresh_name, quarters


async def test_empty_image(comfy: Comfy) -> None:
    """EmptyImage has the size and colour asked for."""
    entry = await comfy.run(plain(width=70, height=50, color=0x3366CC))
    picture = decoded(await comfy.view(entry["outputs"]["2"]["images"][0]))
    assert ("PNG", (70, 50)) == (picture.format, picture.size)
    assert (0x33, 0x66, 0xCC) == picture.convert("RGB").getpixel((69, 49))


async def test_names_count_up(comfy: Comfy) -> None:
    """Files are called prefix_00001_.png and on, in the prefix's subfolder; a batch counts on."""
    prefix = fresh_prefix()
    first = await comfy.run(plain(prefix=prefix, batch=2))
    second = await comfy.run(plain(prefix=prefix))
    files = first["outputs"]["2"]["images"] + second["outputs"]["2"]["images"]
    folder, stem = prefix.split("/")
    assert [f"{stem}_0000{index}_.png" for index in (1, 2, 3)] == [file["filename"] for file in files]
    assert {(folder, "output")} == {(file["subfolder"], file["type"]) for file in files}


async def test_png_leaks_the_prompt(comfy: Comfy) -> None:
    """The saved PNG has the whole prompt and the client's extra_pnginfo as text chunks."""
    graph = plain()
    entry = await comfy.run(graph, extra_data={"extra_pnginfo": {"workflow": {"secret": "ü"}}})
    picture = decoded(await comfy.view(entry["outputs"]["2"]["images"][0]))
    assert graph == json.loads(picture.info["prompt"])
    assert {"secret": "ü"} == json.loads(picture.info["workflow"])


async def test_invert(comfy: Comfy) -> None:
    """ImageInvert turns every channel round."""
    name = fresh_name()
    original = quarters((64, 64))
    await comfy.upload(name, encoded(original))
    entry = await comfy.run(inverted(name))
    picture = decoded(await comfy.view(entry["outputs"]["3"]["images"][0]))
    assert difference(picture, original.point(lambda value: 255 - value)) < 1.5


async def test_scale_and_crop(comfy: Comfy) -> None:
    """ImageScale with a centre crop cuts the sides off instead of squeezing."""
    name = fresh_name()
    await comfy.upload(name, encoded(quarters((128, 64))))
    graph = {
        "1": node("LoadImage", image=name),
        "2": node(
            "ImageScale", image=["1", 0], upscale_method="nearest-exact", width=32, height=32, crop="center"
        ),
        "3": node("SaveImage", images=["2", 0], filename_prefix=fresh_prefix()),
    }
    picture = decoded(await comfy.view((await comfy.run(graph))["outputs"]["3"]["images"][0]))
    assert difference(picture, quarters((32, 32))) < 1.5


async def test_scale_of_one_side(comfy: Comfy) -> None:
    """ImageScale with a width of 0 keeps the proportions."""
    graph = plain(width=64, height=32) | {
        "3": node("ImageScale", image=["1", 0], upscale_method="area", width=0, height=8, crop="disabled"),
    }
    graph["2"]["inputs"]["images"] = ["3", 0]
    entry = await comfy.run(graph)
    assert (16, 8) == decoded(await comfy.view(entry["outputs"]["2"]["images"][0])).size


async def test_rotated_photo_is_turned(comfy: Comfy) -> None:
    """LoadImage honours the camera's orientation."""
    exif = Image.Exif()
    exif[0x0112] = 6
    name = fresh_name()
    body = encoded(Image.new("RGB", (40, 20), "#123456"))
    picture = decoded(body)
    picture.info["exif"] = exif.tobytes()
    await comfy.upload(name, _with_exif(picture, exif))
    entry = await comfy.run(inverted(name))
    assert (20, 40) == decoded(await comfy.view(entry["outputs"]["3"]["images"][0])).size


def _with_exif(picture: Image.Image, exif: Image.Exif) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    picture.save(buffer, "PNG", exif=exif)
    return buffer.getvalue()


async def test_batch(comfy: Comfy) -> None:
    """ImageBatch scales the second picture to the first one's size; each is saved."""
    graph = plain(width=32, height=16) | {
        "3": node("EmptyImage", width=64, height=64, batch_size=1, color=0xFF0000),
        "4": node("ImageBatch", image1=["1", 0], image2=["3", 0]),
    }
    graph["2"]["inputs"]["images"] = ["4", 0]
    files = (await comfy.run(graph))["outputs"]["2"]["images"]
    sizes = [decoded(await comfy.view(file)).size for file in files]
    assert [(32, 16), (32, 16)] == sizes


async def test_preview_image_is_temporary(comfy: Comfy) -> None:
    """PreviewImage saves into temp and says so."""
    graph = {"1": plain()["1"], "2": node("PreviewImage", images=["1", 0])}
    [file] = (await comfy.run(graph))["outputs"]["2"]["images"]
    assert "temp" == file["type"]
    assert "PNG" == decoded(await comfy.view(file)).format


async def test_animation_is_under_images(comfy: Comfy) -> None:
    """SaveAnimatedWEBP's file is under `images`, with animated [true]; it has the prompt in its EXIF."""
    graph = plain() | {
        "3": node("ImageInvert", image=["1", 0]),
        "4": node("ImageBatch", image1=["1", 0], image2=["3", 0]),
        "2": node(
            "SaveAnimatedWEBP",
            images=["4", 0],
            filename_prefix=fresh_prefix(),
            fps=10,
            lossless=True,
            quality=80,
            method="default",
        ),
    }
    shown = (await comfy.run(graph))["outputs"]["2"]
    assert [True] == shown["animated"]
    picture = decoded(await comfy.view(shown["images"][0]))
    assert ("WEBP", 2) == (picture.format, picture.n_frames)
    assert picture.getexif()[0x0110].startswith('prompt:{"')


async def test_text_is_a_list_of_strings(comfy: Comfy) -> None:
    """PreviewAny's output is `text`, a list of strings and not of files."""
    graph = {
        "1": node("PrimitiveStringMultiline", value="two\nlines"),
        "2": node("PreviewAny", source=["1", 0]),
    }
    assert {"text": ["two\nlines"]} == (await comfy.run(graph))["outputs"]["2"]


async def test_several_outputs(comfy: Comfy) -> None:
    """Every output node has its own entry."""
    graph = plain() | {
        "3": node("PreviewImage", images=["1", 0]),
        "4": node("PreviewAny", source=["1", 0]),
    }
    outputs = (await comfy.run(graph))["outputs"]
    assert {"2": "images", "3": "images", "4": "text"} == {
        key: next(iter(one)) for key, one in outputs.items()
    }

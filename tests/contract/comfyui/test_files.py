"""Uploads and /view."""

from __future__ import annotations

from io import BytesIO

import pytest
from aiohttp import FormData
from PIL import Image

from tests.contract.comfyui.client import Comfy
from tests.contract.comfyui.graphs import inverted, plain
from tests.contract.comfyui.pictures import decoded, encoded, fresh_name, png


async def test_upload(comfy: Comfy) -> None:
    """An upload tells its name, subfolder and type, and /view gives the same bytes back."""
    name, body = fresh_name(), png()
    reply = await comfy.upload(name, body)
    assert {"name": name, "subfolder": "", "type": "input"} == reply
    assert body == await comfy.view({"filename": name, "type": "input"})


async def test_same_name_same_bytes(comfy: Comfy) -> None:
    """The same file again is not stored twice."""
    name, body = fresh_name(), png()
    assert name == (await comfy.upload(name, body))["name"]
    assert name == (await comfy.upload(name, body))["name"]


async def test_same_name_other_bytes(comfy: Comfy) -> None:
    """Other bytes under a name that is taken get "name (1)", then "name (2)"; the first stays."""
    name = fresh_name()
    replies = [await comfy.upload(name, png(color)) for color in ("#111111", "#222222", "#333333", "#222222")]
    stem = name.removesuffix(".png")
    expected = [name, f"{stem} (1).png", f"{stem} (2).png", f"{stem} (1).png"]
    assert expected == [reply["name"] for reply in replies]
    assert png("#111111") == await comfy.view({"filename": name, "type": "input"})


@pytest.mark.parametrize(
    ("word", "overwrites"), [("true", True), ("1", True), ("True", False), ("yes", False)]
)
async def test_overwrite(comfy: Comfy, word: str, overwrites: bool) -> None:  # noqa: FBT001 - a case of the table
    """Only "true" and "1" overwrite."""
    name = fresh_name()
    await comfy.upload(name, png("#111111"))
    reply = await comfy.upload(name, png("#222222"), overwrite=word)
    assert overwrites == (reply["name"] == name)


async def test_subfolder_and_type(comfy: Comfy) -> None:
    """A subfolder is made and told; a file can go to temp too."""
    name = fresh_name()
    reply = await comfy.upload(name, png(), subfolder="contract/deep", type="temp")
    assert {"name": name, "subfolder": "contract/deep", "type": "temp"} == reply
    assert png() == await comfy.view({"filename": name, "subfolder": "contract/deep", "type": "temp"})


async def test_encoded_name_is_kept_literally(comfy: Comfy) -> None:
    """A name that the client percent-encodes stays percent-encoded; use the name in the reply."""
    form = FormData()
    name = fresh_name("-ф.png")
    form.add_field("image", png(), filename=name, content_type="image/png")
    async with comfy.session.post("/upload/image", data=form) as reply:
        assert name.replace("ф", "%D1%84") == (await reply.json())["name"]


async def test_raw_name_is_kept(comfy: Comfy) -> None:
    """A name sent as UTF-8 is stored as it is."""
    name = fresh_name("-ф 🙂.png")
    assert name == (await comfy.upload(name, png()))["name"]


@pytest.mark.parametrize("where", [{}, {"subfolder": "contract/in"}, {"type": "output"}])
async def test_load_from_everywhere(comfy: Comfy, where: dict[str, str]) -> None:
    """LoadImage finds "sub/a.png" among the inputs and "a.png [output]" among the outputs."""
    reply = await comfy.upload(fresh_name(), png("#ffffff"), **where)
    path = f"{reply['subfolder']}/{reply['name']}".lstrip("/")
    suffix = "" if reply["type"] == "input" else f" [{reply['type']}]"
    entry = await comfy.run(inverted(path + suffix))
    picture = decoded(await comfy.view(entry["outputs"]["3"]["images"][0]))
    assert ((48, 32), (0, 0, 0)) == (picture.size, picture.convert("RGB").getpixel((5, 5)))


async def test_broken_picture_fails_when_run(comfy: Comfy) -> None:
    """Bytes that are no picture are taken in, pass validation, and fail in LoadImage."""
    reply = await comfy.upload(fresh_name(), b"no picture")
    status = (await comfy.run(inverted(reply["name"])))["status"]
    kind, told = status["messages"][-1]
    assert ("execution_error", "PIL.UnidentifiedImageError") == (kind, told["exception_type"])
    assert ("1", "LoadImage") == (told["node_id"], told["node_type"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, 404),
        ({"filename": "none-such.png"}, 404),
        ({"filename": "../a.png"}, 400),
        ({"filename": "/etc/hostname"}, 400),
        ({"filename": "a.png", "type": "bogus"}, 400),
        ({"filename": "a.png", "subfolder": "../.."}, 403),
    ],
)
async def test_view_refuses(comfy: Comfy, query: dict[str, str], expected: int) -> None:
    """404 for what is not there, 400 for bad names and types, 403 for a way out of the folder."""
    assert expected == await comfy.status("GET", "/view", params=query)


async def test_view_defaults_to_outputs(comfy: Comfy) -> None:
    """Without a type /view looks among the outputs."""
    [file] = (await comfy.run(plain()))["outputs"]["2"]["images"]
    query = {"filename": file["filename"], "subfolder": file["subfolder"]}
    assert 200 == await comfy.status("GET", "/view", params=query)


async def test_view_tells_the_size_of_an_input(comfy: Comfy) -> None:
    """HEAD says without a body whether an upload is there, and whole."""
    name = (await comfy.upload(fresh_name(), png()))["name"]
    async with comfy.session.head("/view", params={"filename": name, "type": "input"}) as reply:
        assert (200, len(png())) == (reply.status, reply.content_length)
    assert 404 == await comfy.status("HEAD", "/view", params={"filename": fresh_name(), "type": "input"})


async def test_view_by_parts(comfy: Comfy) -> None:
    """HEAD tells the size, Range gives a part with 206, and the ETag answers 304."""
    name, body = fresh_name(), png()
    await comfy.upload(name, body)
    query = {"filename": name, "type": "input"}
    async with comfy.session.head("/view", params=query) as head:
        assert (200, str(len(body))) == (head.status, head.headers["Content-Length"])
        assert f'filename="{name}"' == head.headers["Content-Disposition"]
        assert "image/png" == head.content_type
        tag = head.headers["ETag"]
    async with comfy.session.get("/view", params=query, headers={"Range": "bytes=10-19"}) as part:
        assert (206, body[10:20]) == (part.status, await part.read())
        assert f"bytes 10-19/{len(body)}" == part.headers["Content-Range"]
    assert 304 == await comfy.status("GET", "/view", params=query, headers={"If-None-Match": tag})


@pytest.mark.parametrize(
    ("preview", "expected"), [("webp;50", "WEBP"), ("jpeg;70", "JPEG"), ("gif", "WEBP"), ("jpeg", "JPEG")]
)
async def test_view_preview(comfy: Comfy, preview: str, expected: str) -> None:
    """preview= converts to WebP or JPEG; anything else is WebP."""
    name = fresh_name()
    await comfy.upload(name, png())
    body = await comfy.view({"filename": name, "type": "input"}, preview=preview)
    assert (expected, (48, 32)) == (Image.open(BytesIO(body)).format, decoded(body).size)


async def test_view_channel(comfy: Comfy) -> None:
    """channel=rgb drops transparency, channel=a gives it alone."""
    name = fresh_name()
    await comfy.upload(name, encoded(Image.new("RGBA", (8, 8), (10, 20, 30, 40))))
    file = {"filename": name, "type": "input"}
    rgb, alpha = decoded(await comfy.view(file, channel="rgb")), decoded(await comfy.view(file, channel="a"))
    assert ("RGB", (10, 20, 30)) == (rgb.mode, rgb.getpixel((0, 0)))
    assert ("RGBA", (0, 0, 0, 40)) == (alpha.mode, alpha.getpixel((0, 0)))


async def test_html_is_not_shown_as_html(comfy: Comfy) -> None:
    """A file that a browser would run comes as plain bytes."""
    name = fresh_name(".html")
    await comfy.upload(name, b"<script>")
    async with comfy.session.get("/view", params={"filename": name, "type": "input"}) as reply:
        assert "application/octet-stream" == reply.content_type

"""The odd status codes: bad input is 500 text/plain, unknown things are empty and 200."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import FormData

from tests.contract.comfyui.client import Comfy
from tests.contract.comfyui.graphs import plain
from tests.contract.comfyui.pictures import png

MIB = 1024 * 1024


async def _zeros(size_bytes: int) -> AsyncIterator[bytes]:
    for _ in range(size_bytes // MIB):
        yield bytes(MIB)
    yield bytes(size_bytes % MIB)


@pytest.mark.parametrize("path", ["/prompt", "/queue", "/history", "/free"])
async def test_malformed_json(comfy: Comfy, path: str) -> None:
    """JSON that cannot be read is a plain 500."""
    async with comfy.session.post(path, data=b"{") as reply:
        assert 500 == reply.status
        assert "text/plain" == reply.content_type


async def test_free_needs_a_body(comfy: Comfy) -> None:
    """POST /free without a body is a plain 500; with one it is an empty 200."""
    assert 500 == await comfy.status("POST", "/free")
    async with comfy.session.post("/free", json={}) as reply:
        assert (200, b"") == (reply.status, await reply.read())


async def test_bad_number(comfy: Comfy) -> None:
    """A `number` that is none is a plain 500."""
    assert 500 == await comfy.status("POST", "/prompt", json={"prompt": plain(), "number": "soon"})


@pytest.mark.parametrize("prompt", [[1], 7, None, {"1": 5}])
async def test_prompt_of_another_shape(comfy: Comfy, prompt: object) -> None:
    """A prompt that is no object of objects is a plain 500."""
    assert 500 == await comfy.status("POST", "/prompt", json={"prompt": prompt})


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("a.png", {"type": "bogus"}, 500),
        ("", {}, 500),
        ("no-such-folder/a.png", {}, 500),
        ("../a.png", {}, 400),
        ("a.png", {"subfolder": "../.."}, 400),
        ("a.png", {"subfolder": "/"}, 400),
    ],
)
async def test_bad_upload(comfy: Comfy, name: str, fields: dict[str, str], expected: int) -> None:
    """Uploads to nowhere, without a name, or out of the folder are refused, none of them politely."""
    status, _ = await comfy.post_upload(name, png(), **fields)
    assert expected == status


async def test_upload_without_a_file(comfy: Comfy) -> None:
    """A field `image` that is no file is a plain 500; no such field is 400."""
    text, other = FormData(default_to_multipart=True), FormData(default_to_multipart=True)
    text.add_field("image", "text")
    other.add_field("other", "text")
    assert 500 == await comfy.status("POST", "/upload/image", data=text)
    assert 400 == await comfy.status("POST", "/upload/image", data=other)


async def test_too_large(comfy: Comfy) -> None:
    """A body past 100 MiB is 413 in plain text, JSON or not."""
    async with comfy.session.post("/prompt", data=_zeros(100 * MIB + 1)) as reply:
        assert (413, "text/plain") == (reply.status, reply.content_type)


@pytest.mark.parametrize("path", ["/history/none-such", "/object_info/NoneSuch"])
async def test_unknown_is_empty(comfy: Comfy, path: str) -> None:
    """What is not there is {} with 200."""
    assert {} == await comfy.json(path)


async def test_unknown_model_folder(comfy: Comfy) -> None:
    """A models folder that does not exist is an empty 404."""
    async with comfy.session.get("/models/none-such") as reply:
        assert (404, b"") == (reply.status, await reply.read())


@pytest.mark.parametrize("path", ["/queue", "/history"])
async def test_deleting_the_unknown(comfy: Comfy, path: str) -> None:
    """Deleting ids that do not exist is an empty 200."""
    async with comfy.session.post(path, json={"delete": ["none-such"]}) as reply:
        assert (200, b"") == (reply.status, await reply.read())


async def test_interrupting_the_unknown(comfy: Comfy) -> None:
    """POST /interrupt answers 200 for an id that does not run."""
    assert 200 == await comfy.status("POST", "/interrupt", json={"prompt_id": "none-such"})

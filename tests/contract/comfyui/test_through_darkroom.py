"""Workflows that need no model, through the whole of Darkroom: imported, asked for, rendered there."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.contract.comfyui.client import Comfy
from tests.contract.comfyui.graphs import inverted, plain
from tests.e2e.darkroom import Darkroom, running_darkroom
from tests.e2e.own_workflow import exported, png, said
from tests.integration.cli.operator import Operator


@asynccontextmanager
async def rendering_on(url: str) -> AsyncGenerator[Darkroom]:
    """A Darkroom with the server at *url* as its only backend; the server may live on this event loop."""
    with tempfile.TemporaryDirectory(prefix="darkroom-contract-") as home:
        running = running_darkroom(Path(home), f"--comfyui=here={url}")
        darkroom = await asyncio.to_thread(running.__enter__)
        try:
            yield darkroom
        finally:
            await asyncio.to_thread(running.__exit__, None, None, None)


def is_here(url: str) -> bool:
    """Whether it is on this machine: to any other Darkroom goes through an anonymity network only."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or (host.replace(".", "").isdigit() and ip_address(host).is_loopback)


@pytest.mark.timeout(300)
async def test_a_picture_of_nothing_and_an_inverted_one(comfy: Comfy, tmp_path: Path) -> None:
    """EmptyImage to SaveImage, and LoadImage to ImageInvert to SaveImage: the very pixels come back."""
    if not is_here(comfy.url):
        pytest.skip(f"{comfy.url} is on another machine, where this test does not go")
    make = exported(tmp_path, "make", plain(width=64, height=48, color=0x336699))
    turn = exported(tmp_path, "turn", inverted("example.png"))
    async with rendering_on(comfy.url) as darkroom:
        operator = Operator(DARKROOM_HOME=str(darkroom.home))
        made = await operator.workflow("import", make, "--command", "/make")
        turned = await operator.workflow("import", turn, "--command", "/turn")
        blue, [picture] = await said(darkroom, "/make")
        inverse, [negative] = await said(darkroom, "/turn", png((255, 0, 20)))

    assert (0, 0) == (made.code, turned.code), made.err + turned.err
    assert ("done", (64, 48), (0x33, 0x66, 0x99)) == (blue.status, picture.size, picture.getpixel((9, 9)))
    assert ("done", (0, 255, 235)) == (inverse.status, negative.getpixel((9, 9)))

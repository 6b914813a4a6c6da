"""Workflows of one's own, without any model: as files, and asked for in the web chat."""

from __future__ import annotations

import asyncio
import io
import json
from contextlib import aclosing
from pathlib import Path
from typing import Any

from PIL import Image

from services.cli.web_chat import ShownEntry, visiting
from tests.e2e.darkroom import Darkroom

ENDED = {"done", "failed", "cancelled", "refused", "note"}


def exported(folder: Path, name: str, graph: dict[str, Any]) -> str:
    """A file as ComfyUI exports it; returns its path."""
    file = folder / f"{name}.json"
    file.write_text(json.dumps(graph, indent=2), encoding="utf-8")
    return str(file)


def png(colour: tuple[int, int, int]) -> bytes:
    """A picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(buffer, "PNG")
    return buffer.getvalue()


async def said(darkroom: Darkroom, text: str, *pictures: bytes) -> tuple[ShownEntry, list[Image.Image]]:
    """Say something as a new visitor of the web chat: how it ended, and the pictures that came."""
    async with asyncio.timeout(60), visiting(darkroom.url) as chat:
        entry_id = await chat.say(text, pictures)
        async with aclosing(chat.events()) as events:
            async for event in events:
                if isinstance(event, ShownEntry) and event.id == entry_id and event.status in ENDED:
                    data = [await chat.fetch(picture) for picture in event.pictures]
                    return event, [Image.open(io.BytesIO(one)).convert("RGB") for one in data]
    raise AssertionError

"""Pictures to upload, and pictures that came back."""

from __future__ import annotations

import uuid
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageStat


def png(color: str = "#336699", size: tuple[int, int] = (48, 32)) -> bytes:
    """A PNG of one colour."""
    return encoded(Image.new("RGB", size, color))


def quarters(size: tuple[int, int] = (256, 256)) -> Image.Image:
    """Four coloured quarters: a picture whose parts can be told apart."""
    picture = Image.new("RGB", size, "#d03030")
    draw = ImageDraw.Draw(picture)
    middle_x, middle_y = size[0] // 2, size[1] // 2
    draw.rectangle((middle_x, 0, size[0], middle_y - 1), fill="#30d030")
    draw.rectangle((0, middle_y, middle_x - 1, size[1]), fill="#3030d0")
    draw.rectangle((middle_x, middle_y, size[0], size[1]), fill="#d0d030")
    return picture


def encoded(picture: Image.Image) -> bytes:
    """PNG file of *picture*."""
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def decoded(body: bytes) -> Image.Image:
    """Picture in a file, read to its end."""
    picture = Image.open(BytesIO(body))
    picture.load()
    return picture


def fresh_name(suffix: str = ".png") -> str:
    """A file name nobody has used."""
    return f"contract-{uuid.uuid4().hex}{suffix}"


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference per channel, 0 (same) to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)

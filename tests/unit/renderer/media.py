"""Media with something planted in every place that a format has for it."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress

from PIL import Image
from PIL.PngImagePlugin import PngInfo

PLANTED = "Geheimnis-4711"


def picture(mode: str = "RGB", size: tuple[int, int] = (37, 21)) -> Image.Image:
    """A picture in which no two rows are alike."""
    width, height = size
    data = bytes(
        (x * 7 + y * 13 + c * 91) % 256 for y in range(height) for x in range(width) for c in range(3)
    )
    return Image.frombytes("RGB", size, data).convert(mode)


def exif(orientation: int | None = None) -> bytes:
    """EXIF with the secret as its description and a place on the map."""
    block = Image.Exif()
    block[0x010E] = PLANTED
    block[0x9286] = PLANTED
    block.get_ifd(0x8825)[1] = "N"
    if orientation:
        block[0x0112] = orientation
    return block.tobytes()


def png(mode: str = "RGB", **options: object) -> bytes:
    """A PNG as ComfyUI writes it, and worse."""
    info = PngInfo()
    info.add_text("prompt", PLANTED)
    info.add_text("workflow", PLANTED, zip=True)
    info.add_itxt("XML:com.adobe.xmp", PLANTED)
    buffer = io.BytesIO()
    picture(mode).save(buffer, "PNG", pnginfo=info, icc_profile=PLANTED.encode(), dpi=(72, 72), **options)
    data = buffer.getvalue()
    stray = chunk(b"prVt", PLANTED.encode()) + chunk(b"tIME", bytes(7))
    return data[:33] + stray + data[33:] + PLANTED.encode()


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def jpeg(mode: str = "RGB", **options: object) -> bytes:
    """A JPEG as a phone writes it."""
    buffer = io.BytesIO()
    options = {"exif": exif(), **options}
    picture(mode).save(
        buffer, "JPEG", icc_profile=PLANTED.encode(), comment=PLANTED, xmp=PLANTED.encode(), **options
    )
    return buffer.getvalue() + PLANTED.encode()


def webp(**options: object) -> bytes:
    """A WebP with all it can carry."""
    buffer = io.BytesIO()
    options = {"exif": exif(), **options}
    picture(str(options.pop("mode", "RGB"))).save(
        buffer, "WEBP", icc_profile=PLANTED.encode(), xmp=PLANTED.encode(), **options
    )
    return buffer.getvalue() + PLANTED.encode()


def animated(kind: str) -> bytes:
    """Three frames, a tenth of a second each."""
    frames = [picture().rotate(angle) for angle in (0, 90, 180)]
    buffer = io.BytesIO()
    extra = {
        "WEBP": {"xmp": PLANTED.encode(), "exif": exif()},
        "PNG": {"pnginfo": _behind_the_pixels()},
        "GIF": {"comment": PLANTED, "loop": 3},
    }[kind]
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=100, **extra)
    return buffer.getvalue()


def _behind_the_pixels() -> PngInfo:
    """Where ComfyUI writes the prompt into an animated PNG."""
    info = PngInfo()
    info.add(b"comf", b"prompt\0" + PLANTED.encode(), after_idat=True)
    return info


def gif(*, moves: bool = True) -> bytes:
    """A GIF with all it can carry: a comment, XMP, a plain text with its control, and something behind it."""
    buffer = io.BytesIO()
    picture("P").save(buffer, "GIF")
    data = animated("GIF") if moves else buffer.getvalue()
    start = 13 + (3 << (data[10] & 7) + 1)
    word = bytes((len(PLANTED),)) + PLANTED.encode() + b"\0"
    planted = (
        b"\x21\xff\x0bXMP DataXMP"
        + word
        + b"\x21\xff\x0bNETSCAPE2.0"
        + word
        + b"\x21\xf9\x04\0\0\0\0\0\x21\x01\x0c"
        + PLANTED.encode()[:12]
        + word
        + b"\x21\x77"
        + word
    )
    return data[:start] + planted + data[start:] + PLANTED.encode()


def shown(data: bytes) -> list[bytes]:
    """What a picture shows, frame by frame, with its alpha."""
    image = Image.open(io.BytesIO(data))
    found = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        found.append(image.convert("RGBA").tobytes())
    return found


def timing(data: bytes) -> list[object]:
    """How long each frame of an animation stands, and how often it repeats."""
    image = Image.open(io.BytesIO(data))
    found: list[object] = [image.info.get("loop")]
    for number in range(image.n_frames):
        image.seek(number)
        image.load()
        found.append(image.info["duration"])
    return found


def texts(data: bytes) -> bytes:
    """The bytes, and whatever in them unpacks: a secret may hide in a deflated chunk."""
    found = bytearray(data)
    at = 0
    while (at := data.find(b"\x78", at)) >= 0:
        with suppress(zlib.error):
            found += zlib.decompressobj().decompress(data[at:], 1 << 16)
        at += 1
    return bytes(found)

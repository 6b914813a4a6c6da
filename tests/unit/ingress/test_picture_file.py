"""Given a file, then a clean picture of the same pixels, or a refusal."""

from __future__ import annotations

import io
import random
import struct
import zlib
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from services.ingress.picture_file import MAX_FILE_BYTES, PictureFileError, clean

SECRET = b"SECRETPLACE"
BLACK, RED, GREEN = (0, 0, 0), (255, 0, 0), (0, 255, 0)


def encoded(picture: Image.Image, encoding: str, **more: Any) -> bytes:
    """A file of *picture*."""
    out = io.BytesIO()
    picture.save(out, encoding, **more)
    return out.getvalue()


def sample(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red, with a green corner at the top left."""
    picture = Image.new("RGB", size, RED)
    picture.paste(GREEN, (0, 0, 20, 20))
    return picture.convert(mode)


def exif() -> Image.Exif:
    """A place, and that the camera was turned."""
    tags = Image.Exif()
    tags[0x010E] = SECRET.decode()
    tags[0x0112] = 6
    tags.get_ifd(0x8825)[1] = "N"
    tags.get_ifd(0x8825)[29] = SECRET.decode()
    return tags


def png_text() -> PngImagePlugin.PngInfo:
    """A prompt in each kind of text that a PNG can hold."""
    info = PngImagePlugin.PngInfo()
    info.add_text("prompt", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    info.add_text("workflow", SECRET.decode() * 3, zip=True)
    return info


PLANTED = {
    "exif": encoded(sample(), "JPEG", exif=exif()),
    "jpeg comment": encoded(sample(), "JPEG", comment=SECRET),
    "jpeg xmp": encoded(sample(), "JPEG", xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"),
    "jpeg trailer": encoded(sample(), "JPEG") + SECRET,
    "png text": encoded(sample(), "PNG", pnginfo=png_text()),
    "png exif": encoded(sample(), "PNG", exif=exif()),
    "png trailer": encoded(sample(), "PNG") + SECRET,
    "webp exif": encoded(sample(), "WEBP", exif=exif()),
    "webp xmp": encoded(sample(), "WEBP", xmp=SECRET),
    "gif comment": encoded(sample(), "GIF", comment=SECRET),
}


@pytest.mark.parametrize("data", PLANTED.values(), ids=PLANTED)
async def test_only_the_picture_remains(data: bytes) -> None:
    """What was planted is in no byte of the result, packed or not, nor is any chunk that could hold it."""
    picture = await clean(data)
    with Image.open(io.BytesIO(picture.data)) as opened:
        opened.load()
        kept = set(opened.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}

    assert SECRET in data or b"zTXt" in data
    assert SECRET not in picture.data
    assert set() == kept


async def test_turned_photo_stands_upright() -> None:
    """The orientation is applied before the tag that told of it is gone."""
    picture = await clean(PLANTED["exif"])
    with Image.open(io.BytesIO(picture.data)) as opened:
        corner = opened.convert("RGB").getpixel((35, 5))

    assert (40, 60) == (picture.measured.width_px, picture.measured.height_px)
    assert isinstance(corner, tuple)
    assert corner[0] < 60
    assert corner[1] > 200


@pytest.mark.parametrize(
    ("data", "mime", "mode"),
    [
        (encoded(sample(), "JPEG"), "image/jpeg", "RGB"),
        (encoded(sample("L"), "JPEG"), "image/jpeg", "L"),
        (encoded(sample("CMYK"), "JPEG"), "image/jpeg", "RGB"),
        (encoded(sample("RGBA"), "PNG"), "image/png", "RGBA"),
        (encoded(sample("LA"), "PNG"), "image/png", "RGBA"),
        (encoded(sample("P"), "PNG"), "image/png", "RGB"),
        (encoded(sample("1"), "PNG"), "image/png", "L"),
        (encoded(sample("L").convert("I;16"), "PNG"), "image/png", "L"),
        (encoded(sample(), "WEBP"), "image/png", "RGB"),
        (encoded(sample(), "BMP"), "image/png", "RGB"),
        (encoded(sample(), "GIF"), "image/png", "RGB"),
        (encoded(sample(), "MPO", save_all=True, append_images=[sample()]), "image/jpeg", "RGB"),
    ],
)  # fmt: skip
async def test_every_kind_becomes_one_that_all_can_read(data: bytes, mime: str, mode: str) -> None:
    """JPEG stays JPEG, all else becomes PNG; of the two JPEGs of some phones the first is the picture."""
    picture = await clean(data)
    with Image.open(io.BytesIO(picture.data)) as opened:
        found = (f"image/{(opened.format or '').lower()}", opened.mode, opened.size)

    assert (mime, mode, (60, 40)) == found
    assert mime == picture.measured.mime


async def test_transparency_is_kept() -> None:
    """A cut-out stays a cut-out."""
    cut_out = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    with Image.open(io.BytesIO((await clean(encoded(cut_out, "PNG"))).data)) as opened:
        assert (255, 0, 0, 0) == opened.getpixel((5, 5))


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# In this one what is called red is green, and the other way round.
SWAPPED = SRGB.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


@pytest.mark.parametrize(
    ("profile", "seen"), [(SRGB, RED), (SWAPPED, GREEN), (b"no profile", RED), (SRGB[:200], RED)]
)
async def test_colours_survive_their_profile(profile: bytes, seen: tuple[int, int, int]) -> None:
    """They are those that are assumed without a profile; one that can't be read is passed over."""
    data = encoded(sample(), "PNG", icc_profile=profile)
    with Image.open(io.BytesIO((await clean(data)).data)) as opened:
        found = opened.getpixel((50, 30))

    assert isinstance(found, tuple)
    assert all(abs(a - b) < 8 for a, b in zip(found, seen, strict=True)), found


async def test_large_picture_is_made_smaller() -> None:
    """The long side ends at 4096 pixels."""
    picture = await clean(encoded(Image.new("L", (8192, 2000)), "PNG"))

    assert (4096, 1000) == (picture.measured.width_px, picture.measured.height_px)


def bomb() -> bytes:
    """A small PNG that says it is a gigapixel."""
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def moving(encoding: str) -> bytes:
    """A picture of two frames."""
    return encoded(sample(), encoding, save_all=True, append_images=[Image.new("RGB", (60, 40))])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unsupported-file"),
        (b"just words", "unsupported-file"),
        (b"%PDF-1.7 not a picture", "unsupported-file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported-file"),
        (b"\0\0\0\x18ftypheic....", "unsupported-file"),
        (b"\0\0\0\x18ftypisom....", "video-file"),
        (b"\x1aE\xdf\xa3 webm", "video-file"),
        (b"RIFF\0\0\0\0AVI LIST", "video-file"),
        (b"\0\0\0\x18ftypM4A ....", "audio-file"),
        (b"ID3\x04 mp3", "audio-file"),
        (b"\xff\xfb\x90\x64 mp3", "audio-file"),
        (b"fLaC\0\0\0\x22", "audio-file"),
        (b"OggS\0\x02", "audio-file"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio-file"),
        (moving("GIF"), "moving-picture"),
        (moving("WEBP"), "moving-picture"),
        (moving("PNG"), "moving-picture"),
        (b"\x89PNG\r\n\x1a\n" + b"nothing", "bad-image-file"),
        (encoded(sample(), "JPEG")[:-200], "bad-image-file"),
        (encoded(sample(), "PNG")[:-20], "bad-image-file"),
        (bomb(), "too-large"),
        (b"\xff\xd8\xff" + bytes(MAX_FILE_BYTES), "too-large"),
    ],
)
async def test_what_is_no_picture_is_refused(data: bytes, code: str) -> None:
    """Each with the code of its sentence."""
    with pytest.raises(PictureFileError) as refused:
        await clean(data)

    assert code == refused.value.code


@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
async def test_damage_never_gets_out_as_anything_else(encoding: str) -> None:
    """A file with bytes changed or cut is cleaned or refused; no other error comes of it."""
    chance = random.Random(encoding)
    whole = encoded(sample(), encoding)
    for _ in range(150):
        damaged = bytearray(whole[: chance.randint(1, len(whole))] if chance.random() < 0.3 else whole)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with suppress(PictureFileError):
            await clean(bytes(damaged))

"""A picture file that somebody sent: checked, and cleaned of everything but the picture."""

from __future__ import annotations

import asyncio
import io
import re
import struct
import warnings
import zlib

from msgspec import Struct
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from services.common.errors import RejectedError
from services.common.media import Measured

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE_PX = 4096
_JPEG_QUALITY = 95

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"GIF8", b"BM")
# By how they begin. A phone's HEIC and AVIF pictures begin like videos, but are just files of another kind.
_VIDEOS = re.compile(rb"....ftyp(?!M4[AB]|he[iv]|mif1|msf1|avi)|\x1aE\xdf\xa3|RIFF....AVI ", re.DOTALL)
_SOUNDS = re.compile(
    rb"....ftypM4[AB]|ID3|\xff[\xe2\xe3\xf1-\xf3\xf9-\xfb]|fLaC|OggS|RIFF....WAVE", re.DOTALL
)
# Pillow's decoders let slip whatever a damaged file makes them stumble over.
_DAMAGED = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


class PictureFileError(RejectedError):
    """The file is not a picture that can be worked with; ``code`` and ``details`` say why."""

    code = "bad-image-file"

    def __init__(self, code: str, details: dict[str, str] | None = None) -> None:
        super().__init__(code, code=code)
        self.details = details or {}


class PictureFile(Struct, frozen=True, kw_only=True):
    """A clean picture: its encoded bytes, and what they are."""

    data: bytes
    measured: Measured


async def clean(data: bytes) -> PictureFile:
    """
    Decode all of *data* and encode the picture anew: upright, and at most ``MAX_SIDE_PX`` a side.

    Only pixels survive: no EXIF, XMP, comments, profiles, thumbnails. JPEG stays JPEG, anything else
    becomes PNG with its transparency.

    Raises:
        PictureFileError: ``too-large``, ``bad-image-file``, ``moving-picture``, or what else it is:
            ``video-file``, ``audio-file``, ``unsupported-file``.
    """
    if len(data) > MAX_FILE_BYTES:
        raise too_large()
    return await asyncio.to_thread(_clean, data)


def too_large() -> PictureFileError:
    """The refusal of a file with too many bytes or pixels."""
    limit = f"{MAX_FILE_BYTES // (1024 * 1024)} MB and {MAX_PIXELS // 1_000_000} megapixels"
    return PictureFileError("too-large", {"limit": limit})


def _clean(data: bytes) -> PictureFile:
    Image.init()  # or Pillow knows no WebP
    try:
        with warnings.catch_warnings():
            # Pillow warns of sizes and odd metadata: sizes are checked here, metadata is dropped.
            warnings.simplefilter("ignore")
            as_jpeg = _inspect(data)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                opened.draft(opened.mode, (MAX_SIDE_PX, MAX_SIDE_PX))
                upright = ImageOps.exif_transpose(_in_srgb(opened))
            plain = _plain(upright, keep_alpha=not as_jpeg)
    except UnidentifiedImageError as exc:
        raise PictureFileError(_unidentified(data)) from exc
    except Image.DecompressionBombError as exc:
        raise too_large() from exc
    except _DAMAGED as exc:
        raise PictureFileError("bad-image-file") from exc
    return _encode(plain, as_jpeg=as_jpeg)


def _inspect(data: bytes) -> bool:
    """Check the size before anything is decoded, and the file's own checksums. True for a JPEG."""
    with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise too_large()
        as_jpeg = opened.format in {"JPEG", "MPO"}  # what phones make of two JPEGs in one file
        if not as_jpeg and getattr(opened, "is_animated", False):
            raise PictureFileError("moving-picture")
        opened.verify()
    return as_jpeg


def _unidentified(data: bytes) -> str:
    """Why a file that Pillow doesn't know is refused."""
    if _VIDEOS.match(data):
        return "video-file"
    if _SOUNDS.match(data):
        return "audio-file"
    return "bad-image-file" if data.startswith(_SIGNATURES) else "unsupported-file"


def _in_srgb(picture: Image.Image) -> Image.Image:
    """In the colours everyone assumes once the profile is gone; an unreadable profile is passed over."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA", "L", "CMYK"}:
        picture.load()
        return picture
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),  # pyright: ignore[reportUnknownArgumentType]
            outputMode="RGBA" if picture.mode == "RGBA" else "RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        picture.load()
        return picture
    return converted or picture


def _plain(picture: Image.Image, *, keep_alpha: bool) -> Image.Image:
    """Nothing but pixels, in a mode that every program reads."""
    if picture.mode.startswith("I"):
        # 16 bits a pixel: a plain conversion would clip, not scale.
        plain = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif keep_alpha and picture.has_transparency_data:
        plain = picture.convert("RGBA")
    else:
        plain = picture.convert("L" if picture.mode in {"1", "L"} else "RGB")
    plain.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.LANCZOS)
    # Pillow writes what it finds here into the file.
    plain.info.clear()
    return plain


def _encode(picture: Image.Image, *, as_jpeg: bool) -> PictureFile:
    buffer = io.BytesIO()
    if as_jpeg:
        picture.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    else:
        picture.save(buffer, "PNG", compress_level=3)
    return PictureFile(
        data=buffer.getvalue(),
        measured=Measured(
            mime="image/jpeg" if as_jpeg else "image/png", width_px=picture.width, height_px=picture.height
        ),
    )

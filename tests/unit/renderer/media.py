"""Media with something planted in every place that a format has for it."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import av
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
    """Three frames."""
    frames = [picture().rotate(angle) for angle in (0, 90, 180)]
    buffer = io.BytesIO()
    extra = {"xmp": PLANTED.encode(), "exif": exif()} if kind == "WEBP" else {}
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=100, **extra)
    return buffer.getvalue()


def mp4() -> bytes:
    """Ten frames at 10 a second, with the prompt in the file's tags as ComfyUI writes it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.mp4"
        with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as container:
            container.metadata["prompt"] = PLANTED
            container.metadata["title"] = PLANTED
            stream = container.add_stream("mpeg4", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            stream.metadata["handler_name"] = PLANTED
            for number in range(10):
                frame = av.VideoFrame.from_image(Image.new("RGB", (64, 48), (number * 20, 80, 120)))
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path.read_bytes()


def frames(data: bytes) -> list[bytes]:
    """What a video shows."""
    with av.open(io.BytesIO(data)) as container:
        return [frame.to_image().tobytes() for frame in container.decode(video=0)]


def shown(data: bytes) -> list[bytes]:
    """What a picture shows, frame by frame, with its alpha."""
    image = Image.open(io.BytesIO(data))
    found = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        found.append(image.convert("RGBA").tobytes())
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

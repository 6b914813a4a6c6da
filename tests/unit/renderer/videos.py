"""Videos with something planted in every place that a container has for it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import av
from PIL import Image

from services.devstack.comfyui.nodes.video_file import ordinary_scheduling
from tests.unit.renderer.media import PLANTED
from tests.unit.renderer.sounds import noise, samples

SIZE = (64, 48)
FRAMES, RATE = 10, 10
WORD = PLANTED.encode()
SUBTITLES = b"1\n00:00:00,000 --> 00:00:00,900\n" + WORD + b"\n\n"


def video(ending: str, codec: str, *, sound: str = "", subtitled: bool = False, **options: str) -> bytes:
    """A second of video, with the prompt in the file's tags as ComfyUI writes it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{ending}"
        options = {"movflags": "use_metadata_tags", **options}
        with ordinary_scheduling(), av.open(str(path), "w", options=options) as container:
            container.metadata.update({"prompt": PLANTED, "title": PLANTED, "comment": PLANTED * 3000})
            stream = container.add_stream(codec, rate=RATE)
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            stream.metadata.update({"handler_name": PLANTED, "title": PLANTED, "language": "ger"})
            heard = container.add_stream(sound, rate=48000) if sound else None
            words = av.open(io.BytesIO(SUBTITLES), format="srt") if subtitled else None
            read = container.add_stream_from_template(words.streams[0]) if words else None
            for frame in _pictures():
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
            for frame in noise(1.0) if heard else ():
                container.mux(heard.encode(frame))
            if heard:
                container.mux(heard.encode())
            for packet in words.demux() if words else ():
                if packet.dts is not None:
                    packet.stream = read
                    container.mux(packet)
        return path.read_bytes()


def _pictures() -> Iterator[av.VideoFrame]:
    for number in range(FRAMES):
        yield av.VideoFrame.from_image(Image.new("RGB", SIZE, (number * 20, 80, 120)))


def played(data: bytes) -> list[bytes]:
    """Every picture and every sample with its time, as they are decoded."""
    with av.open(io.BytesIO(data)) as container:
        streams = [stream for stream in container.streams if stream.type in {"video", "audio"}]
        return [
            repr((frame.pts, frame.time_base)).encode() + _content(frame)
            for frame in container.decode(streams)
        ]


def _content(frame: av.VideoFrame | av.AudioFrame) -> bytes:
    return frame.to_image().tobytes() if isinstance(frame, av.VideoFrame) else samples(frame)


def box(kind: bytes, body: bytes) -> bytes:
    """A box of MP4."""
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def stuffed_mp4(data: bytes) -> bytes:
    """More boxes with words at the top, in the movie and in a track, and words among the samples."""
    words = b"".join(box(kind, WORD) for kind in (b"free", b"skip", b"uuid", b"meta", b"udta", b"prVt"))
    at = data.index(b"mdat") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    data = (
        data[:at]
        + (size + len(WORD)).to_bytes(4, "big")
        + data[at + 4 : at + size]
        + WORD
        + data[at + size :]
    )
    for kind in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        data = _grown(data, kind, words)
    return data + words


def _grown(data: bytes, innermost: bytes, more: bytes) -> bytes:
    """With *more* at the end of the first box of a kind, and every box around it grown."""
    path = [b"moov", b"trak", b"mdia", b"minf", b"stbl"]
    grown = bytearray(data)
    end = 0
    for kind in path[: path.index(innermost) + 1]:
        at = grown.index(kind, data.index(b"moov")) - 4
        size = int.from_bytes(grown[at : at + 4], "big")
        grown[at : at + 4] = (size + len(more)).to_bytes(4, "big")
        end = at + size
    return bytes(grown[:end]) + more + bytes(grown[end:])


def on_its_side(data: bytes) -> bytes:
    """With a matrix in its track that turns it by a quarter, clockwise."""
    at = data.index(b"tkhd") - 4
    end = at + int.from_bytes(data[at : at + 4], "big")
    one = (1 << 16).to_bytes(4, "big")
    turned = bytes(4) + one + bytes(4) + b"\xff\xff\0\0" + bytes(4)
    return data[: end - 44] + turned + data[end - 24 :]


def element(name: str, body: bytes) -> bytes:
    """An element of Matroska."""
    return bytes.fromhex(name) + (1 << 56 | len(body)).to_bytes(8, "big") + body


def stuffed_matroska(data: bytes) -> bytes:
    """Attachments, tags, chapters and more behind the clusters, and words behind it all."""
    words = b"".join(
        element(name, element("467E", WORD))
        for name in ("1941A469", "1254C367", "1043A770", "EC", "BF", "4DEE")
    )
    at = data.index(bytes.fromhex("18538067")) + 4
    size = int.from_bytes(data[at : at + 8], "big") & (1 << 56) - 1
    grown = (1 << 56 | size + len(words)).to_bytes(8, "big")
    return data[:at] + grown + data[at + 8 : at + 8 + size] + words + WORD


def live(data: bytes) -> bytes:
    """The segment and its clusters without sizes, as live recordings have them."""
    for name in ("18538067", "1F43B675"):
        at = -1
        mark = bytes.fromhex(name)
        while (at := data.find(mark, at + 1)) >= 0:
            if data[at + 4] == 1:
                data = data[: at + 4] + b"\x01" + b"\xff" * 7 + data[at + 12 :]
    return data

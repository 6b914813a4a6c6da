"""Ogg with Opus or Vorbis: the comments are replaced by empty ones, the pages numbered anew."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from services.renderer.metadata.clean import Clean, UnknownFormatError, UnreadableMediaError
from services.renderer.metadata.crc import ogg_crc
from services.renderer.metadata.vorbis import EMPTY_OPUS, EMPTY_VORBIS

_MARK = b"OggS"
_HEADER_BYTES = 27
_LAST = 0x04
_NO_PACKET_ENDS = (1 << 64) - 1
_OPUS, _VORBIS = b"OpusHead", b"\x01vorbis"
_OPUS_RATE = 48000


class _Page(Struct, frozen=True, kw_only=True):
    flags: int
    granule: int
    serial: bytes
    lacing: bytes
    body: memoryview | bytes

    def written(self, number: int) -> bytes:
        """The page with another number."""
        head = b"".join(
            [
                _MARK,
                bytes((0, self.flags)),
                self.granule.to_bytes(8, "little"),
                self.serial,
                number.to_bytes(4, "little"),
            ]
        )
        tail = b"".join([bytes((len(self.lacing),)), self.lacing, self.body])
        return b"".join([head, ogg_crc(head + bytes(4) + tail).to_bytes(4, "little"), tail])


def is_ogg(data: bytes) -> bool:
    """Whether it begins as Ogg does."""
    return data[:4] == _MARK


def clean_ogg(data: bytes) -> Clean:
    """Keep the sound and how to decode it; raises ``UnreadableMediaError``."""
    pages = _pages(data)
    first = next(pages)
    opus = bytes(first.body[:8]) == _OPUS
    if not opus and bytes(first.body[:7]) != _VORBIS:
        raise UnknownFormatError("Ogg with neither Opus nor Vorbis")
    head = bytes(first.body)
    rate, skipped = (_OPUS_RATE, head[10:12]) if opus else (int.from_bytes(head[12:16], "little"), b"")
    if len(head) != _head_bytes(head, opus=opus) or not rate:
        raise UnreadableMediaError("an Ogg whose first header is not whole")
    later = _packets(pages, 1 if opus else 2)
    headers = [EMPTY_OPUS] if opus else [EMPTY_VORBIS, later[1]]
    if not later[0].startswith(headers[0][:8] if opus else headers[0][:7]):
        raise UnreadableMediaError("an Ogg without its headers")
    written = [first.written(0)]
    for page in _header_pages(headers, first.serial):
        written.append(page.written(len(written)))
    granule = 0
    for page in pages:
        if page.serial != first.serial:
            raise UnreadableMediaError("an Ogg with several streams")
        written.append(page.written(len(written)))
        granule = page.granule if page.granule != _NO_PACKET_ENDS else granule
        if page.flags & _LAST:
            break
    else:
        raise UnreadableMediaError("an Ogg that is cut off")
    samples = max(granule - int.from_bytes(skipped, "little"), 0)
    return Clean(data=b"".join(written), mime="audio/ogg", duration_s=samples / rate)


def _head_bytes(head: bytes, *, opus: bool) -> int:
    """Size of the first header; Opus has a table when its channels are not simply left and right."""
    if not opus:
        return 30
    return 21 + head[9] if head[18:19] not in {b"\0", b""} else 19


def _pages(data: bytes) -> Iterator[_Page]:
    view = memoryview(data)
    at = 0
    while at < len(view):
        header = bytes(view[at : at + _HEADER_BYTES])
        if header[:5] != _MARK + b"\0" or len(header) < _HEADER_BYTES:
            raise UnreadableMediaError("an Ogg page that is not whole")
        body = at + _HEADER_BYTES + header[26]
        lacing = bytes(view[at + _HEADER_BYTES : body])
        end = body + sum(lacing)
        checked = b"".join([header[:22], bytes(4), view[at + 26 : end]])
        if end > len(view) or ogg_crc(checked) != int.from_bytes(header[22:26], "little"):
            raise UnreadableMediaError("an Ogg page that is not whole")
        yield _Page(
            flags=header[5],
            granule=int.from_bytes(header[6:14], "little"),
            serial=header[14:18],
            lacing=lacing,
            body=view[body:end],
        )
        at = end
    if not at:
        raise UnreadableMediaError("an Ogg without a page")


def _packets(pages: Iterator[_Page], count: int) -> list[bytes]:
    """The next *count* packets, with whose end a page has to end; raises ``UnreadableMediaError``."""
    packets: list[bytes] = []
    open_ = bytearray()
    for page in pages:
        at = 0
        for size in page.lacing:
            open_ += page.body[at : at + size]
            at += size
            if size < 0xFF:
                packets.append(bytes(open_))
                open_.clear()
        if len(packets) >= count:
            break
    if len(packets) != count or open_:
        raise UnreadableMediaError("an Ogg without its headers")
    return packets


def _header_pages(packets: list[bytes], serial: bytes) -> Iterator[_Page]:
    """Pages with whole headers in them and nothing else."""
    lacing = b"".join(b"\xff" * (len(one) // 0xFF) + bytes((len(one) % 0xFF,)) for one in packets)
    body = b"".join(packets)
    while lacing:
        part, lacing = lacing[:0xFF], lacing[0xFF:]
        size = sum(part)
        yield _Page(flags=0, granule=0, serial=serial, lacing=part, body=body[:size])
        body = body[size:]

"""Telegram's file store: ids given out, paths given out, bytes behind them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from itertools import count

from tests.botapi.body import ATTACH, Upload
from tests.botapi.media import (
    Media,
    Stored,
    check_photo,
    check_thumbnail,
    film,
    image_size_px,
    smaller_photos,
    tune,
)
from tests.botapi.refusal import RefusedError, ViolationError

DOWNLOAD_LIMIT_BYTES = 20 * 1024 * 1024
PREFIXES = {
    "photo": "AgACAgQ",
    "video": "BAACAgQ",
    "animation": "CgACAgQ",
    "audio": "CQACAgQ",
    "document": "BQACAgQ",
}
EXTENSIONS = {"photo": "jpg", "video": "mp4", "animation": "mp4", "audio": "mp3"}


class FileStore:
    """Keeps every file ever sent in either direction."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._media: dict[str, Media] = {}  # by file_id
        self._stored: dict[str, Stored] = {}  # by file_id
        self._paths: dict[str, Stored] = {}
        self._photos: dict[str, Media] = {}  # by digest

    def resolve(
        self,
        reference: str,
        uploads: Mapping[str, Upload],
        kind: str,
        *,
        thumbnail: str = "",
        cover: str = "",
    ) -> Media:
        """
        What a File field means: an upload of this call, or a file the store knows.

        Raises:
            ViolationError: Not a *kind*, unknown, or an address to fetch; we let nothing be fetched.
        """
        small = _uploaded(thumbnail, uploads).data if thumbnail else b""
        if small:
            check_thumbnail(small)
        if cover:
            self.resolve(cover, uploads, "photo")
        if reference.startswith(ATTACH):
            upload = _uploaded(reference, uploads)
            kept = self.keep(kind, upload.data, upload.name, upload.content_type)
            return self._remember(replace(kept, thumbnail=small)) if small else kept
        if "://" in reference or reference not in self._media:
            raise ViolationError("wrong remote file identifier specified: can't unserialize it")
        media = self._media[reference]
        if media.kind != kind:
            real, wanted = media.kind.capitalize(), kind.capitalize()
            raise ViolationError(f"can't use file of type {real} as {wanted}")
        return media

    def keep(self, kind: str, data: bytes, file_name: str = "", mime_type: str = "") -> Media:
        """A new file. A video or sound that is none becomes a document, as on the real server."""
        if not data:
            raise ViolationError("file must be non-empty")
        if kind == "photo":
            return self._photo(data)
        played = film(data)
        if kind == "animation" and data[:4] == b"GIF8" and (size := image_size_px(data)):
            return self._remember(Media(kind, (self._store(kind, data, *size),), file_name, "video/mp4"))
        if kind in {"video", "animation"} and played is not None:
            stored = self._store(kind, data, played.width, played.height)
            return self._remember(Media(kind, (stored,), file_name, "video/mp4", played.duration_s))
        if kind == "audio" and (lasts_s := tune(data)) is not None:
            return self._remember(
                Media(kind, (self._store(kind, data),), file_name, mime_type or "audio/mpeg", lasts_s)
            )
        stored = self._store("document", data, extension=file_name.rpartition(".")[2])
        return self._remember(Media("document", (stored,), file_name, mime_type))

    def path_of(self, file_id: str) -> tuple[Stored, str]:
        """The path getFile gives out; only such paths can be downloaded."""
        stored = self._stored.get(file_id)
        if stored is None:
            raise RefusedError("invalid file_id")
        if len(stored.data) > DOWNLOAD_LIMIT_BYTES:
            raise RefusedError("file is too big")
        folder = self._media[file_id].kind + "s"
        path = f"{folder}/file_{len(self._paths)}.{stored.extension}"
        self._paths[path] = stored
        return stored, path

    def at_path(self, path: str) -> bytes | None:
        """The bytes behind a path that getFile gave out."""
        stored = self._paths.get(path)
        return None if stored is None else stored.data

    def _photo(self, data: bytes) -> Media:
        # The Bot API server runs TDLib with reuse_uploaded_photos_by_hash: the same bytes are the same photo,
        # which is why editing a picture into itself is "not modified".
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._photos:
            size = check_photo(data)
            smaller = [self._store("photo", *one) for one in smaller_photos(data, size)]
            photo = Media("photo", (*smaller, self._store("photo", data, *size)))
            self._photos[digest] = self._remember(photo)
        return self._photos[digest]

    def _store(
        self, kind: str, data: bytes, width: int = 0, height: int = 0, *, extension: str = ""
    ) -> Stored:
        number = next(self._numbers)
        secret = hashlib.sha256(f"{kind}{number}".encode()).digest()
        file_id = PREFIXES[kind] + base64.urlsafe_b64encode(secret).decode().rstrip("=")
        unique_id = "AQAD" + base64.urlsafe_b64encode(secret[:9]).decode()
        stored = Stored(file_id, unique_id, EXTENSIONS.get(kind) or extension or "bin", data, width, height)
        self._stored[file_id] = stored
        return stored

    def _remember(self, media: Media) -> Media:
        for stored in media.files:
            self._media[stored.file_id] = media
        return media


def _uploaded(reference: str, uploads: Mapping[str, Upload]) -> Upload:
    if not reference.startswith(ATTACH):
        raise ViolationError("thumbnails can't be reused and can be only uploaded as a new file")
    return uploads[reference.removeprefix(ATTACH)]

"""Pictures that came with a message: fetched, cleaned, and put into the media store."""

from __future__ import annotations

import asyncio

from services.common.errors import RejectedError
from services.ingress.picture_file import MAX_FILE_BYTES, PictureFileError, clean, too_large
from services.ingress.submission import Submitter, Upload
from services.ingress.telegram.account import Account
from services.ingress.telegram.incoming import FileSent, Sort
from services.ingress.telegram.patience import persist
from services.ingress.telegram.refusals import TelegramDownError, TooLargeError

_REFUSED: dict[Sort, str] = {
    "moving": "moving-picture",
    "video": "video-file",
    "audio": "audio-file",
    "other": "unsupported-file",
}
_AT_ONCE = 2  # each is a whole picture in memory, decoded


class Uploads:
    """Fetches what people sent. A file that can't be used is a ``PictureFileError`` with the code to say."""

    def __init__(self, account: Account, submitter: Submitter) -> None:
        self._account = account
        self._submitter = submitter
        self._room = asyncio.Semaphore(_AT_ONCE)

    def check(self, files: tuple[FileSent, ...]) -> None:
        """Refuse what can be told without fetching it."""
        for file in files:
            if file.sort != "picture":
                raise PictureFileError(_REFUSED[file.sort])
            if file.size_bytes > MAX_FILE_BYTES:
                raise too_large()

    async def keep(self, files: tuple[FileSent, ...]) -> list[Upload]:
        """
        Every file in the media store, in order.

        Raises:
            PictureFileError: One of them can't be used, or not be fetched.
            BusDownError: They could not be stored; doing it again stores them under new ids.
        """
        kept: list[Upload] = []
        for file in files:
            async with self._room:
                picture = await clean(await self._fetch(file))
                kept.append(await self._submitter.keep(picture))
        return kept

    async def _fetch(self, file: FileSent) -> bytes:
        try:
            return await persist(lambda: self._account.download(file.file_id))
        except TooLargeError as exc:
            raise too_large() from exc
        except (TelegramDownError, RejectedError) as exc:
            raise PictureFileError("download-failed") from exc

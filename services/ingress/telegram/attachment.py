"""A medium as the Bot API's input of it."""

from __future__ import annotations

from typing import assert_never

from telegram import (
    InputFile,
    InputMedia,
    InputMediaAnimation,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
)

from services.ingress.telegram.medium import Medium


def attachment(medium: Medium, caption: str) -> InputMedia:
    """*medium* with its *caption*, its bytes uploaded along with the call."""
    file = InputFile(medium.data, filename=medium.file_name, attach=True)
    thumbnail = (
        InputFile(medium.thumbnail, filename="thumbnail.jpg", attach=True) if medium.thumbnail else None
    )
    match medium.kind:
        case "photo":
            return InputMediaPhoto(file, caption=caption)
        case "video":
            return InputMediaVideo(
                file,
                caption=caption,
                thumbnail=thumbnail,
                width=medium.width_px or None,
                height=medium.height_px or None,
                duration=medium.duration_s or None,
                supports_streaming=True,
            )
        case "animation":
            return InputMediaAnimation(
                file,
                caption=caption,
                thumbnail=thumbnail,
                width=medium.width_px or None,
                height=medium.height_px or None,
                duration=medium.duration_s or None,
            )
        case "audio":
            return InputMediaAudio(file, caption=caption, duration=medium.duration_s or None)
        case "document":
            return InputMediaDocument(
                file, caption=caption, thumbnail=thumbnail, disable_content_type_detection=True
            )
        case _:
            assert_never(medium.kind)

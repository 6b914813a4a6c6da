"""A session: one chat on one channel, and the picture that an edit means when it names none."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from schemas.channel import Channel


class SessionOpened(Struct, frozen=True, kw_only=True, tag="session.opened.v1"):
    """The first message of a chat. ``private`` is a sealed ``Address``."""

    person_id: UUID
    channel: Channel
    private: bytes


class ImageSelected(Struct, frozen=True, kw_only=True, tag="session.image_selected.v1"):
    """From here on an edit that names no picture means this one."""

    image_id: UUID


SessionEvent = SessionOpened | ImageSelected

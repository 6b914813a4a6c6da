"""An image's state: a node of the tree. Pure."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from msgspec import Struct

from schemas.events.image import ImageEvent, ImageImported, ImageRendered
from schemas.media import MediaRef
from schemas.params import RenderParams
from services.orchestrator.mark import Mark


class Image(Struct, frozen=True, kw_only=True):
    """A picture, whose it is, and what it came from. An upload has no parents, no job and no chain yet."""

    session_id: UUID
    person_id: UUID
    media: MediaRef
    private: bytes
    position: int
    chain_id: UUID | None = None
    job_id: UUID | None = None
    parents: tuple[UUID, ...] = ()
    command: str = ""
    params: RenderParams = RenderParams()


def stream(image_id: UUID) -> str:
    """The image's stream in the log."""
    return f"image-{image_id}"


def evolve(_image: Image | None, event: ImageEvent, mark: Mark) -> Image:
    """The image after *event*."""
    match event:
        case ImageImported():
            return Image(
                session_id=event.session_id,
                person_id=event.person_id,
                media=event.media,
                private=event.private,
                position=mark.position,
            )
        case ImageRendered():
            return Image(
                session_id=event.session_id,
                person_id=event.person_id,
                media=event.media,
                private=event.private,
                position=mark.position,
                chain_id=event.chain_id,
                job_id=event.job_id,
                parents=event.parents,
                command=event.command,
                params=event.params,
            )
        case _:
            assert_never(event)

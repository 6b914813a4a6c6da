"""An image: a node of the tree that grows from words and from uploads."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from schemas.media import MediaRef
from schemas.params import RenderParams


class ImageImported(Struct, frozen=True, kw_only=True, tag="image.imported.v1"):
    """A person gave a picture. ``private`` is sealed ``MediaKeys``."""

    session_id: UUID
    person_id: UUID
    media: MediaRef
    private: bytes


class ImageRendered(Struct, frozen=True, kw_only=True, tag="image.rendered.v1"):
    """A job made a picture out of words and its parents. ``private`` is sealed ``MediaKeys``."""

    session_id: UUID
    person_id: UUID
    job_id: UUID
    chain_id: UUID
    parents: tuple[UUID, ...]
    command: str
    workflow: str
    params: RenderParams
    media: MediaRef
    private: bytes


ImageEvent = ImageImported | ImageRendered

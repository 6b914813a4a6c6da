"""What a person can ask of a render besides the words."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

MAX_SEED = 2**63 - 1
MAX_PROMPT_CHARS = 4000

Seed = Annotated[int, Meta(ge=0, le=MAX_SEED)]


class RenderParams(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Parameters as asked; ``None`` leaves a thing to the workflow. Bounds are the workflow's to check."""

    seed: Seed | None = None
    width_px: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    height_px: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    steps: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    cfg: Annotated[float, Meta(ge=0, le=1000)] | None = None
    count: Annotated[int, Meta(ge=1, le=1000)] | None = None

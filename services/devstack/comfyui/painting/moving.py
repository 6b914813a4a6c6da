"""A video placeholder: a slow pan over one wide landscape, painted frame by frame when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from PIL import Image

from .caption import Caption, paint_panel


class Pan(Sequence[Image.Image]):
    """
    Frames of a pan from left to right.

    Only the wide picture and the caption are kept: eighty frames of a video would be a hundred megabytes.
    """

    def __init__(self, wide: Image.Image, width: int, frames: int, caption: Caption) -> None:
        self._wide = wide
        self._width = width
        self._frames = frames
        self._panel = paint_panel(width, wide.height, caption)

    def __len__(self) -> int:
        return self._frames

    @overload
    def __getitem__(self, index: int) -> Image.Image: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Image.Image]: ...
    def __getitem__(self, index: int | slice) -> Image.Image | Sequence[Image.Image]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(self._frames))]
        at = range(self._frames)[index]  # IndexError beyond the end, negative from it
        way = self._wide.width - self._width
        x = round(way * at / max(self._frames - 1, 1))
        frame = self._wide.crop((x, 0, x + self._width, self._wide.height))
        frame.paste(self._panel, mask=self._panel)
        return frame

"""ComfyUI's ways to scale a batch."""

from __future__ import annotations

from PIL import Image

from services.devstack.comfyui.values import Frames

_RESAMPLING = {
    "nearest-exact": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "area": Image.Resampling.BOX,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
METHODS = tuple(_RESAMPLING)

_KONTEXT_SIZES = (
    (672, 1568),
    (688, 1504),
    (720, 1456),
    (752, 1392),
    (800, 1328),
    (832, 1248),
    (880, 1184),
    (944, 1104),
    (1024, 1024),
    (1104, 944),
    (1184, 880),
    (1248, 832),
    (1328, 800),
    (1392, 752),
    (1456, 720),
    (1504, 688),
    (1568, 672),
)


def scaled(frames: Frames, size: tuple[int, int], method: str, *, center: bool) -> Frames:
    """
    Scale every frame to *size*.

    Args:
        frames: Frames of one size.
        size: Width and height in pixels.
        method: One of METHODS.
        center: Cut the sides off first, so that nothing is stretched.
    """
    box = _centered(*frames[0].size, *size) if center else None
    return tuple(frame.resize(size, _RESAMPLING[method], box) for frame in frames)


def _centered(width: int, height: int, new_width: int, new_height: int) -> tuple[int, int, int, int]:
    aspect, wanted = width / height, new_width / new_height
    x = round((width - height * wanted) / 2) if aspect > wanted else 0
    y = round((height - width / wanted) / 2) if aspect < wanted else 0
    return x, y, width - x, height - y


def kontext_size(width: int, height: int) -> tuple[int, int]:
    """Size of the about one megapixel that FLUX Kontext and Qwen edit like, nearest in shape."""
    return min(_KONTEXT_SIZES, key=lambda size: (abs(width / height - size[0] / size[1]), size))

"""A session's images as a drawn tree. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from services.orchestrator.image import Image


def draw(images: Mapping[UUID, Image], current: UUID | None) -> str:
    """
    One line a picture, children under the picture they came from, the current one marked.

    A picture with several parents stands under the first of them. Numbers are in order of making.
    """
    numbers = {name: number for number, name in enumerate(images, start=1)}
    children: dict[UUID | None, list[UUID]] = {}
    for name, image in images.items():
        parent = image.parents[0] if image.parents and image.parents[0] in images else None
        children.setdefault(parent, []).append(name)
    lines: list[str] = []

    def add(name: UUID, indent: str, branch: str) -> None:
        image = images[name]
        seed = "" if image.params.seed is None else f" · seed {image.params.seed}"
        what = f"/{image.command}{seed}" if image.command else "your picture"
        here = " ← current" if name == current else ""
        lines.append(f"{indent}{branch}{numbers[name]}. {what}{here}")
        deeper = indent + {"": "", "├ ": "│ ", "└ ": "  "}[branch]
        below = children.get(name, [])
        for child in below:
            add(child, deeper, "└ " if child == below[-1] else "├ ")

    for root in children.get(None, []):
        add(root, "", "")
    return "\n".join(lines)

"""What a backend has, remembered: /object_info is megabytes and seldom changes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from schemas.catalogue import Lack
from services.renderer.capability import lacks
from services.renderer.comfyui.client import ComfyUI
from services.renderer.graph import GraphNode
from services.renderer.library import Library
from services.renderer.object_info import ObjectInfo

FRESH_S = 300.0
FRESH_LACKING_S = 30.0
"""Something is missing: its owner is probably just putting it there. Only that is asked for then."""

_PLAIN_NAME = re.compile(r"\w+", re.ASCII)

Lacks = dict[str, tuple[Lack, ...]]


class Inventory:
    """
    One backend's lacks by workflow digest, looked up again when they may have changed.

    Attributes:
        info: The backend's ``/object_info`` as it was last seen, empty before.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._version = ""
        self._looked_at: float | None = None
        self._missed_at = 0.0
        self.info: ObjectInfo = {}
        self._lacks: Lacks = {}

    def doubt(self) -> None:
        """What is remembered proved wrong."""
        self._looked_at = None

    async def lacks(self, comfyui: ComfyUI, version: str, now: float) -> Lacks:
        """
        What the backend lacks, *now* in seconds.

        Raises:
            TunnelDownError, BackendDownError, UnexpectedAnswerError: It could not be looked up.
        """
        known = self._looked_at is not None and now - self._looked_at < FRESH_S
        if not known or version != self._version:
            self.info = await comfyui.object_info()
            self._lacks = {}
            self._looked_at = self._missed_at = now
            self._version = version
        elif any(self._lacks.values()) and now - self._missed_at >= FRESH_LACKING_S:
            for node_class in self._suspects():
                self.info = self.info | await comfyui.object_info(node_class)
            self._lacks = {digest: found for digest, found in self._lacks.items() if not found}
            self._missed_at = now
        self._lacks = {
            digest: self._lacks[digest] if digest in self._lacks else lacks(workflow, self.info)
            for digest, workflow in self._library.all().items()
        }
        return self._lacks

    def _suspects(self) -> list[str]:
        """Classes of nodes that are missing, or that load a file that is."""
        missing = {lack.name for found in self._lacks.values() for lack in found}
        nodes = [node for workflow in self._library.all().values() for node in workflow.prompt.values()]
        found = {node.class_type for node in nodes if _names(node) & missing}
        # A custom node may be called anything, and not everything can stand in a path: FRESH_S is for those.
        return sorted(name for name in found if _PLAIN_NAME.fullmatch(name))


def _names(node: GraphNode) -> set[str]:
    values: Iterable[object] = node.inputs.values()
    return {node.class_type, *(value for value in values if isinstance(value, str))}

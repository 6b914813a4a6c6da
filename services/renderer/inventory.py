"""What a backend has, remembered: /object_info is megabytes and seldom changes."""

from __future__ import annotations

from schemas.catalogue import Lack
from services.renderer.capability import lacks
from services.renderer.comfyui.client import ComfyUI
from services.renderer.library import Library
from services.renderer.object_info import ObjectInfo

FRESH_S = 300.0
FRESH_LACKING_S = 30.0
"""Something is missing: its owner is probably just putting it there."""

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
        fresh_s = FRESH_LACKING_S if any(self._lacks.values()) else FRESH_S
        known = self._looked_at is not None and now - self._looked_at < fresh_s
        if not known or version != self._version:
            self.info = await comfyui.object_info()
            self._lacks = {}
            self._looked_at, self._version = now, version
        self._lacks = {
            digest: self._lacks[digest] if digest in self._lacks else lacks(workflow, self.info)
            for digest, workflow in self._library.all().items()
        }
        return self._lacks

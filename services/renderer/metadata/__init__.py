"""Pictures, videos and sounds down to what they show: no words, places, times or programs' names."""

from __future__ import annotations

from services.renderer.metadata.clean import Clean, UnknownFormatError, UnreadableMediaError
from services.renderer.metadata.media import cleaned

__all__ = ["Clean", "UnknownFormatError", "UnreadableMediaError", "cleaned"]

"""Pictures and videos down to what they show: no words, no places, no times, no programs' names."""

from __future__ import annotations

from services.renderer.metadata.media import Clean, UnreadableMediaError, cleaned

__all__ = ["Clean", "UnreadableMediaError", "cleaned"]

"""Stripping a medium without holding up whatever else this process is at."""

from __future__ import annotations

import asyncio

from services.renderer.metadata import Clean, cleaned

_SMALL_BYTES = 64 * 1024
"""Stripped before a thread would have begun with it."""


async def cleaned_aside(data: bytes) -> Clean:
    """*data* as ``cleaned`` makes it, which says what is raised."""
    if len(data) <= _SMALL_BYTES:
        return cleaned(data)
    return await asyncio.to_thread(cleaned, data)

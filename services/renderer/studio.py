"""What all attempts in this process share."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from msgspec import Struct

from services.common.bus import Bus
from services.common.keys import Keyring
from services.common.media import MediaStore
from services.renderer.catalogue import Catalogue
from services.renderer.comfyui.client import ComfyUI
from services.renderer.facts import Facts
from services.renderer.purge import HistoryPurge
from services.renderer.underway import Underway

Connect = Callable[[str, UUID], ComfyUI]
"""ComfyUI on a backend, by its name, on behalf of an image chain."""


class Studio(Struct, frozen=True, kw_only=True):
    """
    Made once at start, passed down.

    Attributes:
        doubt: Told the name of a backend that turned out to lack something it was thought to have.
        own_chain: Chain of what is done for no picture: looking at backends, cancelling, purging.
        render_timeout_s: Without any sign of life for so long, an attempt is given up.
    """

    bus: Bus
    media: MediaStore
    keyring: Keyring
    catalogue: Catalogue
    connect: Connect
    facts: Facts
    underway: Underway
    purge: HistoryPurge
    doubt: Callable[[str], None]
    own_chain: UUID
    render_timeout_s: float

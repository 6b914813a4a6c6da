"""What all attempts in this process share."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from msgspec import Struct

from services.common.bus import Bus
from services.common.keys import Keyring
from services.common.media import MediaStore
from services.renderer.comfyui.client import ComfyUI
from services.renderer.facts import Facts
from services.renderer.library import Library
from services.renderer.object_info import ObjectInfo
from services.renderer.purge import HistoryPurge
from services.renderer.shelf import Shelf
from services.renderer.underway import Underway
from services.renderer.watch import Limits

Connect = Callable[[str, UUID], ComfyUI]
"""ComfyUI on a backend, by its name, on behalf of an image chain."""


class Studio(Struct, frozen=True, kw_only=True):
    """
    Made once at start, passed down.

    Attributes:
        object_info: What is known of a backend, by its name; empty when nothing is yet.
        doubt: Told the name of a backend that turned out to lack something it was thought to have.
        own_chain: Chain of what is done for no picture: looking at backends, cancelling, purging.
        shelf: What lies in the input folder of a backend, by its name.
        limits: After which an attempt is given up.
    """

    bus: Bus
    media: MediaStore
    keyring: Keyring
    library: Library
    connect: Connect
    facts: Facts
    underway: Underway
    purge: HistoryPurge
    object_info: Callable[[str], ObjectInfo]
    doubt: Callable[[str], None]
    own_chain: UUID
    shelf: Callable[[str], Shelf]
    limits: Limits

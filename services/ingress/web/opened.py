"""The words a person typed, out of the sealed part of an entry."""

from __future__ import annotations

import structlog

from schemas.private import EntrySecrets
from schemas.replies import Entry
from services.common.keys import Keyring
from services.common.seal import UnsealError, unseal_struct


def said_in(entry: Entry, keyring: Keyring) -> str:
    """What was typed; empty when it can't be opened, which must not keep the outcome from being shown."""
    try:
        return unseal_struct(keyring.transport, entry.private, entry.entry_id, EntrySecrets).said
    except UnsealError as exc:
        structlog.get_logger().warning("words stay sealed", entry=str(entry.entry_id), reason=str(exc))
        return ""

"""The picture as it grows: opened for the page of its own session, kept nowhere."""

from __future__ import annotations

import structlog

from schemas.progress import Progress
from services.common.keys import Keyring
from services.common.seal import UnsealError, unseal

MOST_BYTES = 256 * 1024
_JPEG = b"\xff\xd8\xff"


def preview_in(progress: Progress, keyring: Keyring) -> bytes:
    """The preview, a JPEG; empty when there is none, or none that a page should get."""
    if not progress.preview:
        return b""
    try:
        data = unseal(keyring.transport, progress.preview, progress.job_id)
    except UnsealError as exc:
        structlog.get_logger().warning("preview stays sealed", job=str(progress.job_id), reason=str(exc))
        return b""
    return data if data.startswith(_JPEG) and len(data) <= MOST_BYTES else b""

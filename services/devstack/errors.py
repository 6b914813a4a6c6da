"""What keeps a stack from running."""

from __future__ import annotations

from services.common.errors import ServiceError


class ProgramFailedError(ServiceError):
    """A program can't be started; the message says why in words for a person."""

    code = "program-failed"

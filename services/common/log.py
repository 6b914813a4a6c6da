"""Logs: JSON lines on standard error, one per unit of work, without private data."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import msgspec
import structlog

from services.common.errors import ConfigError

# Field names that may never be logged, wherever they come from. Ids are pseudonyms and may.
_PRIVATE = frozenset(
    {"prompt", "negative", "said", "text", "caption", "chat_id", "user_id", "token", "key", "private"}
)


LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure(service: str, level: str = "info") -> None:
    """
    Set up structlog and the standard library's logging for one process.

    Raises:
        ConfigError: There is no such level.
    """
    threshold = LEVELS.get(level.lower())
    if threshold is None:
        raise ConfigError(f"LOG_LEVEL is {level!r}. Set one of {', '.join(LEVELS)}.")
    logging.basicConfig(level=logging.WARNING, handlers=[_StructlogHandler()], force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Replace private fields, however they got here."""
    return {name: "[private]" if name in _PRIVATE else value for name, value in event.items()}


def _to_json(value: Any, **_: Any) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()


class _StructlogHandler(logging.Handler):
    """Libraries' warnings, without their arguments: those may hold a URL with a token or a person's words."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        log.log(record.levelno, "library", library=record.name, message=str(record.msg)[:200], error=kind)

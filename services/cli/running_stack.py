"""Where to reach the deployment that runs, for commands that change something in it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from services.common.config import text_of
from services.common.errors import ConfigError
from services.devstack import run_record


class Reach(Struct, frozen=True, kw_only=True):
    """Its NATS, as the operator's user, and its database."""

    nats_url: str
    database_url: str


def reach(home: Path, environ: Mapping[str, str]) -> Reach:
    """
    ``NATS_URL`` and ``DATABASE_URL``, or else those of the stack that runs on *home*.

    Raises:
        ConfigError: Nothing runs there, and only one of the two is named, or neither.
    """
    record = run_record.running(home)
    nats_url = text_of("NATS_URL", environ) or (record.nats_url if record else "")
    database_url = text_of("DATABASE_URL", environ) or (record.database_url if record else "")
    if not nats_url or not database_url:
        raise ConfigError(
            f"No Darkroom runs on {home}. Start it with: ./dev up --data {shlex.quote(str(home))}; or name "
            "both NATS_URL and DATABASE_URL of one that runs elsewhere."
        )
    return Reach(nats_url=nats_url, database_url=database_url)

"""What runs on a data directory, in ``run.json``: for the command line, and for the start after a crash."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from services.devstack import secret_file
from services.devstack.process import is_alive

_NAME = "run.json"


class Running(Struct, frozen=True, kw_only=True):
    """One process of the stack; fields as in ``Program`` and ``Process``."""

    pid: int
    created_at: float
    health_port: int
    stop_signal: int


class RunRecord(Struct, frozen=True, kw_only=True):
    """
    One ``darkroom up``.

    Attributes:
        pid: Of the supervisor.
        created_at: When that process was created, in seconds since the epoch.
        url: The web chat.
        is_ready: Everything was ready once.
        simulated: The backend is the simulator.
        backends: Address by name.
        tunnel_url: The tunnel's local end.
        database_url: For the command line.
        nats_url: For the command line, as the operator's user.
        processes: By program.
    """

    pid: int
    created_at: float
    url: str
    is_ready: bool = False
    simulated: bool
    backends: dict[str, str]
    tunnel_url: str
    database_url: str
    nats_url: str
    processes: dict[str, Running] = {}


def write(home: Path, record: RunRecord) -> None:
    """Replace the record; it holds passwords, so only its owner may read it."""
    secret_file.write_private(home / _NAME, msgspec.json.encode(record))


def read(home: Path) -> RunRecord | None:
    """The record of the last run that did not end in order, or of the one that runs now, if there is one."""
    try:
        return msgspec.json.decode((home / _NAME).read_bytes(), type=RunRecord)
    except (OSError, msgspec.DecodeError):  # nor does one of another version, or in a folder that is closed
        return None


def running(home: Path) -> RunRecord | None:
    """The record of the stack that runs on *home* now, if one does."""
    record = read(home)
    return record if record is not None and is_alive(record.pid, record.created_at) else None


def remove(home: Path) -> None:
    """Everything has ended in order."""
    (home / _NAME).unlink(missing_ok=True)

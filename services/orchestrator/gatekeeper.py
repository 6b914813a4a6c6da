"""
The gate as this process knows it, and when each process that proves itself was last heard.

As of backends, when somebody was heard stands beside the log; only what follows from silence is an event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from schemas.egress import Mode
from schemas.facts import EgressChecked
from services.common.db import Connection
from services.orchestrator.egress import Egress
from services.orchestrator.gate import Shut, is_spotless, shut

_INTERVALS = 3
"""After so many of them without a check what was proved does not hold any more."""

_NOTE = """
INSERT INTO egress_heard VALUES ($1, $2, $3, $4)
ON CONFLICT (process) DO UPDATE
SET at = greatest(egress_heard.at, excluded.at), until = greatest(egress_heard.until, excluded.until)
"""
_HEARD = "SELECT process, at, until FROM egress_heard"


class Heard(Struct, frozen=True, kw_only=True):
    """When a process last checked, and how long that is good for."""

    at: datetime
    until: datetime


async def note(conn: Connection, fact: EgressChecked, now: datetime) -> None:
    """A process has checked; a clock that goes before ours makes nothing last longer."""
    at = min(fact.at, now)
    until = at + timedelta(seconds=_INTERVALS * fact.interval_s)
    await conn.execute(_NOTE, str(fact.process), fact.position, at, until)


async def heard(conn: Connection) -> dict[str, Heard]:
    """By process, when it last checked."""
    return {row["process"]: Heard(at=row["at"], until=row["until"]) for row in await conn.fetch(_HEARD)}


class Gatekeeper:
    """
    Knows whether jobs may be dispatched.

    Args:
        mode: What the deployment is told to use.
        clock: Now.
    """

    def __init__(self, mode: Mode, clock: Callable[[], datetime]) -> None:
        self.mode: Mode = mode
        self._clock = clock
        self._until: dict[str, datetime] = {}

    async def shut(self, conn: Connection, positions: Mapping[str, Egress]) -> Shut | None:
        """
        Why nothing may be dispatched now.

        Args:
            conn: The transaction's.
            positions: As they stand in it.
        """
        # A check only ever makes its process good for longer: what is remembered of that may open the gate,
        # as long as it does not matter whether there are processes of which nothing is remembered.
        remembered = is_spotless(self.mode, positions)
        if remembered and shut(self.mode, positions, self._until, self._clock()) is None:
            return None
        self._until = {name: one.until for name, one in (await heard(conn)).items()}
        return shut(self.mode, positions, self._until, self._clock())

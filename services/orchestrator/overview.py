"""Every backend at a glance, for whoever runs the deployment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from schemas.catalogue import Lack
from services.common.db import Connection
from services.orchestrator import lookup, speed
from services.orchestrator.backend import Backend
from services.orchestrator.roll_call import SILENT

State = Literal["ready", "trying", "paused", "away", "silent"]
"""
``paused``: its circuit breaker is open; ``trying``: one job at a time shows whether it is sound again;
``silent``: what is known of it is old, because its renderer, or all of Darkroom, does not run.
"""

_BUSY = """
SELECT backend, status, count(*) AS jobs FROM projection.job
WHERE status IN ('dispatched', 'running', 'cancelling') GROUP BY backend, status
"""
_HEARD = "SELECT backend, at, queued FROM heard"
_QUEUED = "SELECT workflow, count(*) AS jobs FROM projection.job WHERE status = 'queued' GROUP BY workflow"
_TITLES = "SELECT id, state::json -> 'spec' ->> 'title' AS title FROM projection.workflow"
_BOUND = "SELECT state::json ->> 'digest' AS digest FROM projection.command ORDER BY id"


_SEEN: frozenset[State] = frozenset({"ready", "trying", "paused"})


class Overview(Struct, frozen=True, kw_only=True):
    """
    One backend.

    Attributes:
        name: Its name.
        state: What it is given.
        reason: Why it is away, or its last fault.
        since: Since when it is away, broken or silent.
        until: End of the cool-down while it is paused.
        faults: Since it last finished a job.
        version: ComfyUI's.
        devices: Names of its devices.
        simulated: It is the simulator.
        running: Jobs that it runs.
        staged: Jobs that were sent to it beside.
        prompts: Prompts that ran or waited there at the last look, whoever's; 0 while it is away or silent.
        only_here: Jobs in the queue that no other backend can do.
        warm: Title of what it did last, and has in memory.
        seconds: By title, the median of its last 20 renders: of what is warm first, then of what commands
            mean now, then of the rest.
        lacks: By title of what a command means now, what it lacks.
    """

    name: str
    state: State
    reason: str
    since: datetime | None
    until: datetime | None
    faults: int
    version: str
    devices: tuple[str, ...]
    simulated: bool
    running: int
    staged: int
    prompts: int
    only_here: int
    warm: str
    seconds: dict[str, float]
    lacks: dict[str, tuple[Lack, ...]]


async def overview(conn: Connection, now: datetime) -> list[Overview]:
    """Every backend that was ever observed, by name, as of *now*."""
    found = await lookup.backends(conn)
    names = [one.name for one in found]
    titles = {row["id"]: row["title"] for row in await conn.fetch(_TITLES)}
    bound = [row["digest"] for row in await conn.fetch(_BOUND)]
    busy = {(row["backend"], row["status"]): row["jobs"] for row in await conn.fetch(_BUSY)}
    queued = {row["workflow"]: row["jobs"] for row in await conn.fetch(_QUEUED)}
    heard = {row["backend"]: row for row in await conn.fetch(_HEARD)}
    silent = {name: row["at"] for name, row in heard.items() if now - row["at"] > SILENT}
    states: dict[str, State] = {one.name: _state(one, now, is_silent=one.name in silent) for one in found}
    medians = await speed.medians(conn, names, titles)
    warm = await speed.warm(conn, names)
    only = _only(found, queued)
    return [
        Overview(
            name=one.name,
            state=states[one.name],
            reason=one.report.reason or one.breaker.code,
            since=one.away_since or silent.get(one.name) or one.breaker.broken_since,
            until=one.breaker.open_until if states[one.name] == "paused" else None,
            faults=one.breaker.faults,
            version=one.last_seen.version,
            devices=one.last_seen.devices,
            simulated=one.last_seen.simulated,
            running=busy.get((one.name, "running"), 0) + busy.get((one.name, "cancelling"), 0),
            staged=busy.get((one.name, "dispatched"), 0),
            prompts=heard[one.name]["queued"] if one.name in heard and states[one.name] in _SEEN else 0,
            only_here=only[one.name],
            warm=titles.get(warm.get(one.name, ""), ""),
            seconds=_seconds(medians[one.name], titles, [warm.get(one.name, ""), *bound]),
            lacks={
                titles[digest]: lacks
                for digest in bound
                if digest in titles and (lacks := one.last_seen.lacks.get(digest))
            },
        )
        for one in found
    ]


def _seconds(
    medians: Mapping[str, float], titles: Mapping[str, str], first: Sequence[str]
) -> dict[str, float]:
    """By title, those of *first* first; of two versions with one title the earlier in that order counts."""
    found: dict[str, float] = {}
    for digest in (*first, *sorted(medians, key=lambda digest: titles[digest])):
        if digest in medians:
            found.setdefault(titles[digest], round(medians[digest], 1))
    return found


def _state(backend: Backend, now: datetime, *, is_silent: bool) -> State:
    if not backend.report.reachable:
        return "away"
    if is_silent:
        return "silent"
    states: dict[str, State] = {"closed": "ready", "open": "paused", "half-open": "trying"}
    return states[backend.breaker.standing(now)]


def _only(found: list[Backend], queued: Mapping[str, int]) -> Counter[str]:
    only: Counter[str] = Counter()
    for digest, jobs in queued.items():
        able = [one.name for one in found if one.can(digest)]
        if len(able) == 1:
            only[able[0]] += jobs
    return only

"""Where every unfinished job stands: its place in line, and when its picture may be expected."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from uuid import UUID

from msgspec import Struct

from services.orchestrator import line, speed
from services.orchestrator.backend import Backend
from services.orchestrator.job import Status
from services.orchestrator.rows import Rows
from services.orchestrator.speed import Medians
from services.orchestrator.unfinished import Unfinished


class Place(Struct, frozen=True, kw_only=True):
    """An unfinished job's place in line, 0 once it is with a backend; expected seconds, 0 if unknown."""

    job_id: UUID
    session_id: UUID
    status: Status
    position: int
    eta_s: float


async def standing(rows: Rows) -> list[Place]:
    """Every unfinished job: first those with a backend, then the queue in the order it will be served."""
    unfinished = await rows.unfinished()
    by_id = {one.waiting.job_id: one for one in unfinished}
    turns = await line.turns(rows.conn, [one.waiting for one in unfinished if one.status == "queued"])
    in_flight = [one for one in unfinished if one.status != "queued"]
    queued = [by_id[job.job_id] for job in turns.in_turn()]
    found = await rows.backends()
    workflows = {one.waiting.workflow for one in unfinished}
    medians = await speed.medians(rows.conn, [one.name for one in found], workflows) if unfinished else {}
    expected = _expected([*in_flight, *queued], found, medians)
    numbers = [*(0 for _ in in_flight), *range(1, len(queued) + 1)]
    return [
        Place(
            job_id=one.waiting.job_id,
            session_id=one.session_id,
            status=one.status,
            position=number,
            eta_s=eta_s,
        )
        for one, number, eta_s in zip([*in_flight, *queued], numbers, expected, strict=True)
    ]


def _expected(jobs: Iterable[Unfinished], found: list[Backend], medians: Medians) -> Iterable[float]:
    """
    Seconds until each job's picture, if every job went to the backend that has it done first.

    A backend that is away or whose breaker has opened is not counted on, and neither is one of which it is
    not known how long it takes.
    """
    sound = {one.name: one for one in found if one.report.reachable and not one.breaker.opened}
    done_s = dict.fromkeys(sound, 0.0)
    for job in jobs:
        digest = job.waiting.workflow
        able = [job.backend] if job.backend else [name for name, one in sound.items() if one.can(digest)]
        ends_s = {
            name: done_s[name] + medians[name][digest]
            for name in able
            if name in sound and digest in medians[name]
        }
        if not ends_s:
            # What comes after it on the same backend is not known either.
            for name in sorted((name for name in able if name in sound), key=done_s.__getitem__)[:1]:
                done_s[name] = inf
            yield 0.0
            continue
        name = min(ends_s, key=ends_s.__getitem__)
        done_s[name] = ends_s[name]
        yield ends_s[name] if ends_s[name] < inf else 0.0

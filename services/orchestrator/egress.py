"""What each process last found out about its own way out, and what another check changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never, get_args

from msgspec import Struct

from schemas.egress import Mode, Position, Verdict
from schemas.events.egress import EgressEvent, EgressInconclusive, EgressLeaked, EgressVerified
from schemas.facts import EgressChecked
from services.orchestrator.mark import Append, Mark

POSITIONS: tuple[Position, ...] = get_args(Position)

SILENT = "silent"
"""Nothing was heard of a process for three of its intervals."""

_MOST_PROCESSES = 64

_EVENTS: dict[Verdict, type[EgressEvent]] = {
    "verified": EgressVerified,
    "leaked": EgressLeaked,
    "inconclusive": EgressInconclusive,
}


class Finding(Struct, frozen=True, kw_only=True):
    """What one process found at its last check that was worth an event, and since when it is so."""

    verdict: Verdict
    mode: Mode
    code: str
    details: dict[str, str] = {}
    since: datetime


class Egress(Struct, frozen=True, kw_only=True):
    """A position: there may be several processes at it, and none of them speaks for another."""

    processes: dict[str, Finding] = {}


def stream(position: Position) -> str:
    """The position's stream in the log."""
    return f"egress-{position}"


def evolve(egress: Egress | None, event: EgressEvent, mark: Mark) -> Egress:
    """The position after *event*."""
    name, before = str(event.process), egress.processes if egress else {}
    found = Finding(
        verdict=_verdict(event), mode=event.mode, code=event.code, details=event.details, since=mark.at
    )
    # Of a process that went silent, the next one to speak takes the place.
    others = {key: one for key, one in before.items() if key != name and one.code != SILENT}
    newest = sorted(others.items(), key=lambda item: (item[1].since, item[0]))[1 - _MOST_PROCESSES :]
    return Egress(processes={**dict(newest), name: found})


def observe(fact: EgressChecked, before: Egress | None) -> list[Append]:
    """A check is worth an event when it is its process's first, or came to something else than the last."""
    known = before.processes.get(str(fact.process)) if before else None
    if known and (known.verdict, known.code, known.mode) == (fact.verdict, fact.code, fact.mode):
        return []
    event = _EVENTS[fact.verdict](process=fact.process, mode=fact.mode, code=fact.code, details=fact.details)
    return [Append(stream=stream(fact.position), event=event)]


def heard_last(egress: Egress, until: Mapping[str, datetime], now: datetime) -> dict[str, Finding]:
    """
    The findings that count: of the processes that are still heard of, else the newest of all.

    Args:
        egress: The position.
        until: By process, how long its last check is good for.
        now: The time.
    """
    alive = {name: one for name, one in egress.processes.items() if until.get(name, now) > now}
    if alive or not egress.processes:
        return alive
    newest = max(egress.processes.items(), key=lambda item: (item[1].since, item[0]))
    return dict([newest])


def worst(findings: Mapping[str, Finding]) -> str:
    """The process whose finding is the gravest; the findings must not be empty."""
    grave: dict[Verdict, int] = {"leaked": 2, "inconclusive": 1, "verified": 0}
    return max(findings, key=lambda name: (grave[findings[name].verdict], name))


def _verdict(event: EgressEvent) -> Verdict:
    match event:
        case EgressVerified():
            return "verified"
        case EgressLeaked():
            return "leaked"
        case EgressInconclusive():
            return "inconclusive"
        case _:
            assert_never(event)

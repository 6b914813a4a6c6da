"""Every position at a glance: what a person is told of it, and whoever runs the deployment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from schemas.egress import Mode, Position, Verdict
from services.common.db import Connection
from services.orchestrator import gatekeeper, lookup
from services.orchestrator.egress import POSITIONS, Egress, heard_last, worst
from services.orchestrator.gatekeeper import Heard


class PositionReport(Struct, frozen=True, kw_only=True):
    """
    One position, by the gravest of what its processes found.

    Attributes:
        position: Which.
        verdict: What was found; nothing when nothing was ever heard of it.
        mode: The way it is told to use.
        code: Why.
        details: Facts for the operator.
        since: Since when it is so.
        checked: When that process last checked, as far as that is still known.
    """

    position: Position
    verdict: Verdict | None = None
    mode: Mode | None = None
    code: str = ""
    details: dict[str, str] = {}
    since: datetime | None = None
    checked: datetime | None = None


async def read(conn: Connection, now: datetime) -> list[PositionReport]:
    """Every position as of *now*, as the database has it."""
    return reports(await lookup.positions(conn), await gatekeeper.heard(conn), now)


def reports(
    positions: Mapping[str, Egress], heard: Mapping[str, Heard], now: datetime
) -> list[PositionReport]:
    """Every position, also those of which nothing was ever heard."""
    until = {name: one.until for name, one in heard.items()}
    return [_report(name, positions.get(name, Egress()), heard, until, now) for name in POSITIONS]


def _report(
    position: Position,
    egress: Egress,
    heard: Mapping[str, Heard],
    until: Mapping[str, datetime],
    now: datetime,
) -> PositionReport:
    counting = heard_last(egress, until, now)
    if not counting:
        return PositionReport(position=position)
    name = worst(counting)
    found = counting[name]
    return PositionReport(
        position=position,
        verdict=found.verdict,
        mode=found.mode,
        code=found.code,
        details=found.details,
        since=found.since,
        checked=heard[name].at if name in heard else None,
    )


def line(report: PositionReport, now: datetime) -> str:
    """Its parts with tabs between them; the last two are how many seconds before *now*."""
    ages = [
        "" if at is None else f"{(now - at).total_seconds():.0f}" for at in (report.since, report.checked)
    ]
    return "\t".join((report.position, report.verdict or "", report.mode or "", report.code, *ages))

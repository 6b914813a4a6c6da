"""What ``darkroom doctor`` says of the way out: whether anything goes around the tunnel."""

from __future__ import annotations

from datetime import UTC, datetime

from services.cli.finding import Finding
from services.common import db
from services.common.errors import UnavailableError
from services.orchestrator import egress_report
from services.orchestrator.egress_report import PositionReport

_REMEDIES = {
    "direct-way-open": "Close what lets it out: a route, or a NetworkPolicy that is not enforced.",
    "socket-outside": "Find out what connects there: ss -tnp, on that machine.",
    "dns-asked": "Find out what asks: nothing here may look a backend's name up.",
    "tunnel-down": "Look at the tunnel: darkroom tunnel status.",
    "no-backend": "Start ComfyUI, or check its address.",
    "observer-blind": "Let the process read /proc/self.",
    "silent": "See that its process runs, that it has NATS_URL, and that clocks agree.",
}


async def egress(database_url: str) -> list[Finding]:
    """What was last found out at each position, out of the orchestrator's projections."""
    try:
        conn = await db.connect(database_url)
    except UnavailableError as exc:
        return [Finding(what="egress", verdict="unknown", detail=str(exc))]
    try:
        now = datetime.now(UTC)
        return [of_position(one, now) for one in await egress_report.read(conn, now)]
    finally:
        await conn.close()


def of_position(report: PositionReport, now: datetime) -> Finding:
    """A position's finding."""
    what = f"egress {report.position}"
    if report.verdict is None:
        return Finding(what=what, verdict="unknown", detail="never checked", remedy=_REMEDIES["silent"])
    parts = [f"{report.verdict} ({report.mode})"]
    if report.verdict != "verified":
        told = " ".join(f"{name} {value}" for name, value in sorted(report.details.items()))
        parts.append(f"{report.code} {told}".rstrip())
    if report.since is not None:
        parts.append(f"since {report.since:%Y-%m-%d %H:%M:%S}")
    if report.checked is not None:
        parts.append(f"checked {(now - report.checked).total_seconds():.0f} s ago")
    holds = {"verified": "holds", "leaked": "fails"}.get(report.verdict, "unknown")
    return Finding(
        what=what,
        verdict=holds,  # pyright: ignore[reportArgumentType] - one of its three
        detail=", ".join(parts),
        remedy="" if holds == "holds" else _REMEDIES.get(report.code, ""),
    )

"""What ``darkroom doctor`` asks the stack that runs: its processes, and what its backends can do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from schemas.catalogue import BackendReport, Lack
from services.cli.finding import Finding
from services.common import db
from services.common.db import Connection
from services.common.errors import UnavailableError
from services.devstack import readiness
from services.devstack.process import is_alive
from services.devstack.run_record import Running, RunRecord
from services.orchestrator import tables

_OUT_OF_REACH = {
    "tunnel-down": "Look at the tunnel: ./dev darkroom tunnel status",
    "backend-not-published": "Start `darkroom tunnel host` on its machine, and give that a minute.",
    "backend-key-missing": "Run the `darkroom tunnel authorize` line here that its `tunnel host` printed.",
    "backend-key-refused": "Have its `tunnel host` print a new `darkroom tunnel authorize` line, and run it.",
    "address-refused": "Copy its address again, as `darkroom tunnel host` prints it.",
    "backend-refused": "Start ComfyUI on it, or check the port in its address.",
}


async def processes(record: RunRecord, logs: Path) -> list[Finding]:
    """Every process of the stack runs, and says that it is ready."""
    return list(
        await asyncio.gather(
            *(_process(name, it, logs / f"{name}.log") for name, it in record.processes.items())
        )
    )


async def backends(database_url: str, logs: Path, only: str | None = None) -> list[Finding]:
    """What the last look at each backend, or at *only* one, found, out of the orchestrator's projections."""
    try:
        conn = await db.connect(database_url)
    except UnavailableError as exc:
        return [
            Finding(
                what="backends", verdict="unknown", detail=str(exc), remedy=_look_into(logs / "postgres.log")
            )
        ]
    try:
        rows = await conn.fetch("SELECT id FROM projection.backend ORDER BY id")
        reports = [(await tables.load(conn, "backend", row["id"])).state.report for row in rows]
        commands = await _commands(conn)
    finally:
        await conn.close()
    if not reports:
        return [Finding(what="backends", verdict="unknown", detail="none has been looked at yet")]
    meant = [report for report in reports if only in {None, report.backend}]
    if not meant:
        known = ", ".join(report.backend for report in reports)
        detail = f"none of that name has been looked at; known: {known}"
        return [Finding(what=f"backend {only}", verdict="fails", detail=detail)]
    return [finding for report in meant for finding in of_report(report, commands)]


def of_report(report: BackendReport, commands: Sequence[tuple[str, str]]) -> list[Finding]:
    """
    A backend's findings: whether it answers, and all that each command lacks which it can't do.

    Args:
        report: The last look at it.
        commands: Each command and the digest of its workflow.
    """
    what = f"backend {report.backend}"
    if not report.reachable:
        detail = f"does not answer ({report.reason})"
        remedy = _OUT_OF_REACH.get(report.reason, "Start it, or check its address.")
        return [Finding(what=what, verdict="fails", detail=detail, remedy=remedy)]
    kind = "the simulator" if report.simulated else f"ComfyUI {report.version}"
    devices = f", {', '.join(report.devices)}" if report.devices else ""
    able = [command for command, digest in commands if report.lacks.get(digest) == ()]
    detail = f"{kind}{devices}: {' '.join(f'/{command}' for command in able) or 'no command'}"
    findings = [Finding(what=what, verdict="holds" if able else "fails", detail=detail)]
    for command, digest in commands:
        lacks = report.lacks.get(digest)
        if lacks is None:
            # As of a command that was bound a moment ago.
            detail = f"/{command} has not been held against it yet"
            findings.append(Finding(what=what, verdict="unknown", detail=detail, remedy="Ask again shortly."))
        elif lacks:
            detail = f"/{command} lacks {', '.join(map(_lack, lacks))}"
            findings.append(Finding(what=what, verdict="fails", detail=detail, remedy=_remedy(lacks)))
    return findings


async def _commands(conn: Connection) -> list[tuple[str, str]]:
    rows = await conn.fetch("SELECT id FROM projection.command ORDER BY id")
    return [(row["id"], (await tables.load(conn, "command", row["id"])).state.digest) for row in rows]


def _lack(lack: Lack) -> str:
    return f"models/{lack.folder}/{lack.name}" if lack.folder else f"the {lack.what} {lack.name}"


def _remedy(lacks: Sequence[Lack]) -> str:
    kinds = {lack.what for lack in lacks}
    files = (
        "Put the files there, in ComfyUI's own folder; they are seen within a minute."
        if "model" in kinds
        else ""
    )
    nodes = "Update ComfyUI, or install what brings the nodes, and restart it." if "node" in kinds else ""
    return " ".join(filter(None, (files, nodes)))


def _look_into(log: Path) -> str:
    return f"Look into its log: {log}"


async def _process(name: str, process: Running, log: Path) -> Finding:
    if not is_alive(process.pid, process.created_at):
        detail = f"process {process.pid} is gone; it should be started again within seconds"
        return Finding(what=name, verdict="fails", detail=detail, remedy=_look_into(log))
    if not process.health_port:
        return Finding(what=name, verdict="holds", detail=f"process {process.pid}")
    try:
        said = await readiness.ask(process.health_port)
    except (OSError, TimeoutError, msgspec.DecodeError):
        detail = f"process {process.pid} does not answer /readyz"
        return Finding(what=name, verdict="fails", detail=detail, remedy=_look_into(log))
    missing = "; ".join(f"{part}: {reason}" for part, reason in sorted(said.failing.items()))
    detail = f"process {process.pid}" + (f" waits for {missing}" if missing else "")
    return Finding(what=name, verdict="fails" if missing else "holds", detail=detail)

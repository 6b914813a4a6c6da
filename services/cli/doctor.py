"""``darkroom doctor``: is this machine fit, and is what runs on it well?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from services.cli import egress_checks, machine_checks, stack_checks
from services.cli.finding import Finding
from services.devstack import run_record

_SIGNS = {"holds": ("ok  ", "green"), "fails": ("FAIL", "red"), "unknown": ("?   ", "yellow")}


async def examine_backend(home: Path, name: str) -> list[Finding]:
    """What one backend of the stack that runs on *home* can do, and all that it lacks for what it can't."""
    record = run_record.running(home)
    if record is None:
        detail = f"nothing runs on {home}"
        return [Finding(what="stack", verdict="unknown", detail=detail, remedy="Start it: ./dev up")]
    return await stack_checks.backends(record.database_url, home / "logs", name)


async def examine(home: Path, port: int, key_file: Path) -> list[Finding]:
    """Look at everything; nothing is changed."""
    findings = [
        machine_checks.python(),
        *machine_checks.programs(),
        machine_checks.leash(),
        machine_checks.data_directory(home),
        machine_checks.root_key(key_file),
    ]
    record = run_record.running(home)
    if record is None:
        detail = f"nothing runs on {home}"
        return [
            *findings,
            machine_checks.web_port(port),
            Finding(what="stack", verdict="holds", detail=detail),
        ]
    findings.append(Finding(what="stack", verdict="holds", detail=f"{record.url}, process {record.pid}"))
    findings += await stack_checks.processes(record, home / "logs")
    findings += await egress_checks.egress(record.database_url)
    findings += await stack_checks.backends(record.database_url, home / "logs")
    return findings


def print_findings(findings: Sequence[Finding], console: Console) -> None:
    """One line per finding, and its remedy under it."""
    width = max(len(finding.what) for finding in findings) + 2
    for finding in findings:
        sign, style = _SIGNS[finding.verdict]
        console.print(
            Text.assemble((sign, style), f"  {finding.what:<{width}}{finding.detail}"), soft_wrap=True
        )
        if finding.remedy:
            console.print(
                " " * (6 + width) + finding.remedy,
                style="bold",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )

"""What a person reads while the stack starts and runs: one line per thing and state, on standard error."""

from __future__ import annotations

from rich.text import Text

from services.cli.terminal import Terminal
from services.devstack.report import Report

_PATIENCE_S = 2.0  # a wait that ends sooner was never worth a line
_WORDS = {
    "starting": ("starting", "dim"),
    "waiting": ("waits", "yellow"),
    "ready": ("ready", "green"),
    "restarting": ("restarting", "red"),
    "stopped": ("stopped", "dim"),
    "killed": ("killed", "red"),
    "note": ("note", "yellow"),
}


class StartupLines:
    """Prints reports as they come."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def show(self, report: Report) -> None:
        """Print one report, unless it is not worth a line yet."""
        if report.state == "waiting" and report.seconds < _PATIENCE_S:
            return
        self._terminal.say(line(report))


def line(report: Report) -> Text:
    """One report as a line: what, how it stands, since when, and why."""
    word, style = _WORDS[report.state]
    timed = report.state in ("waiting", "ready")
    text = Text.assemble(
        f"  {report.program:<17}",
        (f"{word:<11}", style),
        f"{report.seconds:5.1f} s" if timed else " " * 7,
        f"  {' '.join(report.detail.split())}" if report.detail else "",
    )
    text.rstrip()
    return text

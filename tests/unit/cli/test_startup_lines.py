"""What a person reads while the stack starts."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from services.cli.startup_lines import StartupLines, line
from services.devstack.report import Report


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (Report(program="nats", state="starting", seconds=0.001), "nats starting"),
        (Report(program="nats", state="ready", seconds=0.14), "nats ready 0.1 s"),
        (Report(program="web", state="restarting", detail="exit code 1"), "web restarting exit code 1"),
        (
            Report(program="web", state="waiting", detail="nats:\n gone", seconds=3),
            "web waits 3.0 s nats: gone",
        ),
    ],
)
def test_line_says_what_and_since_when(report: Report, expected: str) -> None:
    """One line each: the program, how it stands, the seconds where they tell something, and why."""
    assert expected == " ".join(line(report).plain.split())
    assert "\n" not in line(report).plain


def test_short_wait_is_not_worth_a_line() -> None:
    """What waits for less than two seconds is not mentioned."""
    out = io.StringIO()
    lines = StartupLines(Console(file=out, width=100))
    lines.show(Report(program="web", state="waiting", detail="nats", seconds=1.9))
    silent = out.getvalue()
    lines.show(Report(program="web", state="waiting", detail="nats", seconds=2.1))

    assert "" == silent
    assert "waits" in out.getvalue()

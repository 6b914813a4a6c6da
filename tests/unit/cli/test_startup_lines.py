"""What a person reads while the stack starts."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from services.cli.startup_lines import StartupLines, line
from services.cli.terminal import Passing, Terminal, passing, passing_still
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
    assert line(report).plain == line(report).plain.rstrip()


def test_short_wait_is_not_worth_a_line() -> None:
    """What waits for less than two seconds is not mentioned."""
    out, terminal = io.StringIO(), Terminal()
    terminal.file = out
    lines = StartupLines(terminal)
    lines.show(Report(program="web", state="waiting", detail="nats", seconds=1.9))
    silent = out.getvalue()
    lines.show(Report(program="web", state="waiting", detail="nats", seconds=2.1))

    assert "" == silent
    assert "waits" in out.getvalue()


@pytest.mark.parametrize("shown", [passing, passing_still])
def test_step_is_read_where_there_is_no_terminal(
    shown: Callable[[Terminal], AbstractContextManager[Passing]],
) -> None:
    """In a pipe each step is a line of its own, and how far it has come is none; words are never markup."""
    out, terminal = io.StringIO(), Terminal()
    terminal.file = out
    with shown(terminal) as watcher:
        watcher.step("Rendering [/b] :smile:")
        watcher.progress("12 %")

    assert "  Rendering [/b] :smile:\n" == out.getvalue()


def test_still_line_changes_when_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, on a terminal, and nothing is drawn by itself in between."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    out, terminal = io.StringIO(), Terminal()
    terminal.file = out
    before = threading.active_count()
    with passing_still(terminal) as watcher:
        watcher.progress("pair 1 of 40")
        shown, threads = out.getvalue(), threading.active_count()

    assert "pair 1 of 40" in shown
    assert before == threads


class Gone(io.StringIO):
    """A terminal that nobody reads any more."""

    def __init__(self, why: type[OSError]) -> None:
        super().__init__()
        self._why = why

    def write(self, _: str) -> int:
        raise self._why


@pytest.mark.parametrize("why", [BrokenPipeError, OSError])
def test_reader_who_left_changes_nothing(why: type[OSError]) -> None:
    """With `| head`, or when its window was closed, a report is lost and what runs goes on."""
    terminal = Terminal()
    terminal.file = Gone(why)
    StartupLines(terminal).show(Report(program="web", state="ready"))

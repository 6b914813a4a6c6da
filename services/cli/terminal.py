"""The terminal on standard error. Whoever reads it may leave, and what runs goes on."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text


class Terminal(Console):
    """A console on standard error that outlives its reader."""

    def __init__(self) -> None:
        super().__init__(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """Say nothing more; the library's own way is to end the process."""
        self.quiet = True

    def say(self, what: RenderableType, *, style: str = "") -> None:
        """Print, unless the terminal was closed."""
        with suppress(OSError):
            self.print(what, style=style)


class Passing:
    """What is under way: one line that changes on a terminal, elsewhere a line for each step."""

    def __init__(self, terminal: Terminal, show: Callable[[Text], object]) -> None:
        self._terminal = terminal
        self._show = show

    def step(self, what: str) -> None:
        """It has come to another step."""
        self.progress(what)
        if not self._terminal.is_terminal:
            self._terminal.say(Text(f"  {what}"))

    def progress(self, what: str) -> None:
        """It is so far within a step."""
        self._show(Text(what))


@contextmanager
def passing(terminal: Terminal) -> Generator[Passing]:
    """Show what is under way while the block runs."""
    with terminal.status("") as status:
        yield Passing(terminal, status.update)


@contextmanager
def passing_still(terminal: Terminal) -> Generator[Passing]:
    """Likewise, but the line changes only when it is told to: to move it takes time from what is measured."""
    with Live(console=terminal, auto_refresh=False, transient=True) as live:
        yield Passing(terminal, lambda what: live.update(what, refresh=True))

"""Stopping the running prompt: a flag that samplers and the engine look at."""

from __future__ import annotations


class InterruptedByUserError(Exception):
    """POST /interrupt asked the running prompt to stop."""


class Interruption:
    """One flag for the whole server, as in ComfyUI: it says stop, not whom."""

    def __init__(self) -> None:
        self._asked = False

    def ask(self) -> None:
        """Stop whatever runs."""
        self._asked = True

    def clear(self) -> None:
        """A new prompt starts: what was asked before was not about it."""
        self._asked = False

    def check(self) -> None:
        """
        Stop here if asked to.

        Raises:
            InterruptedByUserError: Asked; the flag is down again.
        """
        if self._asked:
            self._asked = False
            raise InterruptedByUserError

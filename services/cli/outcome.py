"""How every command ends: what its exit code means, and what it prints with ``--json``."""

from __future__ import annotations

from enum import IntEnum
from typing import NoReturn

import msgspec
import typer


class Outcome(IntEnum):
    """Exit codes of every command."""

    HOLDS = 0
    DOES_NOT_HOLD = 1
    COULD_NOT_TELL = 2


def finish(outcome: Outcome) -> NoReturn:
    """End the process."""
    raise typer.Exit(int(outcome))


def print_json(value: object) -> None:
    """One line of JSON on standard output."""
    print(msgspec.json.encode(value, enc_hook=str).decode(), flush=True)


def complain(sentence: str, *, as_json: bool) -> None:
    """Say on standard error, and with ``--json`` on standard output as well, what went wrong."""
    typer.echo(sentence, err=True)
    if as_json:
        print_json({"ok": False, "error": sentence})

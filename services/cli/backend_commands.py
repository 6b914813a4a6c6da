"""``darkroom backend …``: what its commands are told, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import typer

from services.cli import options
from services.cli.options import DataOption, JsonOption
from services.cli.outcome import Outcome, complain, finish
from services.common.errors import ConfigError, UnavailableError
from services.devstack.errors import ProgramFailedError

app = typer.Typer(
    name="backend",
    help="The ComfyUIs that render.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def prepare() -> None:
    """The ComfyUIs that render."""


@app.command("list", epilog="Example: ./dev darkroom backend list --json")
def list_(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Say how each backend stands, what it does, how fast it is, and what it lacks.

    It holds when at least one of them takes jobs.
    """
    from services.cli import backend_list  # noqa: PLC0415 - the help should not wait for what the work needs

    environ: Mapping[str, str] = context.obj
    try:
        outcome = asyncio.run(backend_list.run(options.home(data, environ), environ, as_json=as_json))
    except ConfigError as exc:
        complain(str(exc), as_json=as_json)
        outcome = Outcome.DOES_NOT_HOLD
    except (ProgramFailedError, UnavailableError) as exc:
        complain(str(exc), as_json=as_json)
        outcome = Outcome.COULD_NOT_TELL
    finish(outcome)

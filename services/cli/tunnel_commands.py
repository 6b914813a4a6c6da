"""``darkroom tunnel …``: what its commands are told, and how they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from services.cli import options
from services.cli.options import DataOption, JsonOption
from services.cli.outcome import finish

app = typer.Typer(
    name="tunnel",
    help="The way to backends on other machines, through the Anyone network.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def prepare() -> None:
    """The way to backends on other machines, through the Anyone network."""


@app.command(epilog="Example: ./dev darkroom tunnel install --agree-to-terms")
def install(
    context: typer.Context,
    agree_to_terms: Annotated[
        bool,
        typer.Option(
            "--agree-to-terms",
            help="You have read anon's terms of use, at https://www.anyone.io/terms, and agree to them.",
        ),
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Get the anon program, by npm and checked against a known hash, into the data directory.

    It holds when anon is there and its terms of use were agreed to.
    """
    from services.cli import tunnel_install  # noqa: PLC0415 - the help should not wait for what the work needs

    environ: Mapping[str, str] = context.obj
    home = options.home(data, environ)
    finish(tunnel_install.run(home, environ, agree_to_terms=agree_to_terms, as_json=as_json))

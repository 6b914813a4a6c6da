"""The commands of ``darkroom``: what each is told, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from services.cli import backend_commands, options, tunnel_commands, workflow_commands
from services.cli.bench import commands as bench_commands
from services.cli.options import DataOption, JsonOption
from services.cli.outcome import Outcome, complain, finish, print_json
from services.cli.terminal import Terminal, passing
from services.common.errors import ConfigError, UnavailableError
from services.devstack.errors import ProgramFailedError

app = typer.Typer(
    name="darkroom",
    help="A private image and video studio that lives in a chat.",
    epilog="Exit codes of every command: 0 it holds, 1 it does not, 2 it could not be told.",
    no_args_is_help=True,
    rich_markup_mode=None,  # reads the same in a pipe and at any width
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(backend_commands.app)
app.add_typer(workflow_commands.app)
app.add_typer(tunnel_commands.app)
app.add_typer(bench_commands.app)


@app.callback()
def prepare() -> None:
    """A private image and video studio that lives in a chat."""


@app.command(
    epilog='Example: ./dev up --comfyui gpu=http://127.0.0.1:8188 --once "/f an astronaut" --out a.png'
)
def up(  # noqa: PLR0917 - typer passes them by name
    context: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            min=1,
            max=65535,
            help="Port of the web chat; otherwise DARKROOM_WEB_PORT, or else 8080.",
        ),
    ] = None,
    data: DataOption = None,
    comfyui: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=URL",
            help="A ComfyUI to render on, like gpu=http://127.0.0.1:8188; may be repeated. Otherwise "
            "DARKROOM_BACKENDS, or else a simulator.",
        ),
    ] = None,
    once: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Say this in the web chat, save the picture, and stop."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Where --once saves the picture; otherwise darkroom.png, .mp4, …",
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, help="How long --once waits for the picture.")
    ] = 900,
    as_json: JsonOption = False,
) -> None:
    """Start everything on this machine; Ctrl-C stops it."""
    from services.cli import up as command  # noqa: PLC0415 - the help should not wait for what the work needs
    from services.devstack.stack import Options  # noqa: PLC0415

    environ: Mapping[str, str] = context.obj
    terminal = Terminal()
    try:
        place = options.picture_file(once, out)
        chosen = Options(
            home=options.home(data, environ),
            web_port=port or options.web_port(environ, any_will_do=once is not None),
            backends=options.backends(comfyui or [], environ),
            environ=environ,
        )
    except ConfigError as exc:
        complain(str(exc), as_json=as_json)
        finish(Outcome.DOES_NOT_HOLD)
    if once is None:
        work = command.run(chosen, terminal=terminal, as_json=as_json)
    else:
        work = command.run_once(chosen, once, place, timeout_s=timeout, terminal=terminal, as_json=as_json)
    finish(asyncio.run(work))


@app.command(epilog="Example: ./dev darkroom doctor --backend gpu")
def doctor(
    context: typer.Context,
    backend: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Say only what this backend can do, and which files and nodes it lacks."
        ),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong here, and what to do about it."""
    from services.cli import doctor as command  # noqa: PLC0415
    from services.cli.finding import outcome  # noqa: PLC0415

    environ: Mapping[str, str] = context.obj
    try:
        port = options.web_port(environ, any_will_do=False)
    except ConfigError as exc:
        complain(str(exc), as_json=as_json)
        finish(Outcome.DOES_NOT_HOLD)
    home = options.home(data, environ)
    look = (
        command.examine(home, port, options.key_file(home, environ))
        if backend is None
        else command.examine_backend(home, backend)
    )
    found = asyncio.run(look)
    if as_json:
        print_json({"ok": outcome(found) is Outcome.HOLDS, "findings": found})
    else:
        command.print_findings(found, Console())
    finish(outcome(found))


@app.command(epilog="Example: ./dev darkroom replay --data ~/.darkroom")
def replay(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Compare what the event log says with what is shown.

    Every projection is made again in a scratch schema and compared byte for byte; nothing is changed.
    """
    from services.cli import replay as command  # noqa: PLC0415

    environ: Mapping[str, str] = context.obj
    try:
        with passing(Terminal()) as watcher:
            report = asyncio.run(
                command.compare(
                    options.home(data, environ),
                    environ,
                    lambda done, of: watcher.progress(f"replaying {done:,} of {of:,} events"),
                )
            )
    except (ConfigError, ProgramFailedError, UnavailableError) as exc:
        complain(str(exc), as_json=as_json)
        finish(Outcome.COULD_NOT_TELL)
    except (msgspec.ValidationError, ValueError) as exc:
        complain(f"An event of the log can't be replayed: {exc}", as_json=as_json)
        finish(Outcome.DOES_NOT_HOLD)
    if as_json:
        print_json({"ok": report.holds, "events": report.events, "differing_rows": report.differing_rows})
    else:
        print(f"{report.events:,} events replayed.")
        for table, count in report.differing_rows.items():
            print(f"  {table:<12}{'equal' if count == 0 else f'{count:,} rows differ'}")
    finish(Outcome.HOLDS if report.holds else Outcome.DOES_NOT_HOLD)

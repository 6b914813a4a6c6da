"""``darkroom bench``: measuring, in pairs and with controls, on a stack of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from services.cli import options
from services.cli.options import JsonOption
from services.cli.outcome import Outcome, complain, finish
from services.cli.terminal import Terminal
from services.common.errors import ConfigError
from services.tunnel.backends import parse_backends

app = typer.Typer(
    name="bench",
    help="Measure Darkroom on this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def prepare() -> None:
    """Measure Darkroom on this machine."""


@app.command(epilog="Example: ./dev darkroom bench overhead --pairs 40 --json")
def overhead(  # noqa: PLR0917 - typer passes them by name
    context: typer.Context,
    pairs: Annotated[int, typer.Option(metavar="N", min=2, help="How often both clients are measured.")] = 40,
    say: Annotated[
        str, typer.Option(metavar="TEXT", help="What to ask for, without a seed; it must make a picture.")
    ] = "/f an astronaut --size 256x256",
    comfyui: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=URL", help="Measure what is added on this ComfyUI, and not on a simulator."
        ),
    ] = None,
    part: Annotated[
        Literal["both", "added", "idle"],
        typer.Option(help="Measure what is added to a job, how idle a GPU far away is, or both."),
    ] = "both",
    round_trip_ms: Annotated[float, typer.Option(metavar="MS", min=0, help="To the GPU far away.")] = 300,
    render_s: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="What a render takes on it.")
    ] = 1.8,
    jobs: Annotated[int, typer.Option(metavar="N", min=2, help="How many are in line for it.")] = 24,
    rounds: Annotated[
        int, typer.Option(metavar="N", min=1, help="How often that is measured with and without staging.")
    ] = 2,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the order, the pictures and the intervals.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """
    Say what Darkroom adds to a job, and how idle a GPU far away is.

    A bare WebSocket client and Darkroom render the same on the same backend, in pairs, in random order. Then
    a simulated GPU far away gets a queue of jobs, with and without one staged at it.
    """
    from services.cli.bench import overhead_command as command  # noqa: PLC0415 - the help need not wait for it

    environ: Mapping[str, str] = context.obj
    try:
        wanted = command.Wanted(
            pairs=pairs if part != "idle" else 0,
            text=say,
            backends=options.backends(comfyui or [], {}),
            round_trip_s=round_trip_ms / 1000,
            render_s=render_s,
            jobs=jobs,
            rounds=rounds if part != "added" else 0,
            seed=seed,
        )
    except ConfigError as exc:
        complain(str(exc), as_json=as_json)
        finish(Outcome.DOES_NOT_HOLD)
    finish(asyncio.run(command.run(wanted, environ, Terminal(), as_json=as_json)))


@app.command(epilog="Example: ./dev darkroom bench tunnel --backend gpu=http://…anon:80 --rounds 20")
def tunnel(  # noqa: PLR0917 - typer passes them by name
    context: typer.Context,
    backend: Annotated[
        str,
        typer.Option(metavar="NAME=URL", help="A ComfyUI behind a hidden service, as the tunnel knows it."),
    ],
    direct: Annotated[
        str, typer.Option(metavar="URL", help="The same ComfyUI without a tunnel, where that can be reached.")
    ] = "",
    tunnel_url: Annotated[
        str,
        typer.Option(
            "--tunnel",
            metavar="URL",
            help="A tunnel that runs; else that of the running stack, or one that is started for this.",
        ),
    ] = "",
    network: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="More lines for anon's configuration; otherwise ANON_CONFIG."),
    ] = None,
    rounds: Annotated[int, typer.Option(metavar="N", min=2, help="How often each way is measured.")] = 20,
    size_mib: Annotated[int, typer.Option("--mib", metavar="N", min=1, help="Of the file: MiB.")] = 8,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the order, the file and the intervals.")] = 1,
    data: options.DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Say what the tunnel costs beside bare SOCKS through the same anon.

    Small questions, WebSockets, and a file up and down, in random order, each over a circuit of its own. It
    leaves one file in ComfyUI's input folder: darkroom-bench.png.
    """
    from services.cli.bench import tunnel_command as command  # noqa: PLC0415 - the help need not wait for it

    environ: dict[str, str] = dict(context.obj)
    if network is not None:
        environ["ANON_CONFIG"] = str(network.resolve())
    try:
        (named,) = parse_backends(backend, "--backend").values()
        wanted = command.Wanted(
            backend=named,
            direct_url=direct,
            tunnel_url=tunnel_url.rstrip("/"),
            home=options.home(data, environ),
            rounds=rounds,
            size_mib=size_mib,
            seed=seed,
        )
    except (ConfigError, ValueError) as exc:
        complain(str(exc), as_json=as_json)
        finish(Outcome.DOES_NOT_HOLD)
    finish(asyncio.run(command.run(wanted, environ, Terminal(), as_json=as_json)))

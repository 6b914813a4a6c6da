"""``darkroom tunnel …``: what its commands are told, and how they end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from services.cli import options
from services.cli.options import DataOption, JsonOption
from services.cli.outcome import Outcome, complain, finish

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


@app.command(
    epilog="Example: ./dev darkroom tunnel host --comfyui http://127.0.0.1:8188 --comfyui-dir ~/ComfyUI"
)
def host(  # noqa: PLR0917 - typer passes them by name
    context: typer.Context,
    comfyui: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The ComfyUI on this machine; otherwise TUNNEL_COMFYUI_URL."),
    ] = None,
    comfyui_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Its folder with input, output and temp, to delete what was delivered; otherwise "
            "TUNNEL_COMFYUI_DIR. Without it files stay.",
        ),
    ] = None,
    client: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Who may come in; may be repeated. At first: renderer."),
    ] = None,
    web: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Publish the web chat at this address of this machine, for everybody."
        ),
    ] = None,
    revoke: Annotated[
        str | None, typer.Option(metavar="NAME", help="Shut this client out, and start nothing.")
    ] = None,
    backup: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", dir_okay=False, help="Copy this host's identity to FILE, and start nothing."
        ),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish the ComfyUI of this machine, without an open port, to those who have a key.

    Runs until Ctrl-C. It prints the line that lets the renderer's machine in.
    """
    from services.cli import tunnel_host  # noqa: PLC0415 - the help should not wait for what the work needs

    environ: Mapping[str, str] = context.obj
    home = options.home(data, environ)
    if revoke is not None and backup is not None:
        complain("--revoke and --backup are two things: do one after the other.", as_json=as_json)
        finish(Outcome.DOES_NOT_HOLD)
    if revoke is not None:
        finish(tunnel_host.revoke(home, revoke, as_json=as_json))
    if backup is not None:
        finish(tunnel_host.backup(home, backup, as_json=as_json))
    asked = tunnel_host.Asked(comfyui=comfyui, comfyui_dir=comfyui_dir, clients=tuple(client or ()), web=web)
    finish(tunnel_host.run(home, environ, asked, as_json=as_json))


@app.command(epilog="Example: copy the line that `darkroom tunnel host` prints on the GPU's machine")
def authorize(  # noqa: PLR0917 - typer passes them by name
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the backend is to be called here.")],
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Its address, as its host prints it.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key, likewise. It is a secret.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let this machine use the ComfyUI of another one, with the key that its host gave out."""
    from services.cli import tunnel_authorize  # noqa: PLC0415 - the help should not wait for what the work needs

    environ: Mapping[str, str] = context.obj
    home = options.home(data, environ)
    finish(tunnel_authorize.run(home, environ, name, address, key, as_json=as_json))

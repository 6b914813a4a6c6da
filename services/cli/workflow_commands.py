"""``darkroom workflow …``: what its commands are told, and how they end."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli import options
from services.cli.options import DataOption, JsonOption
from services.cli.outcome import Outcome, complain, finish
from services.common.errors import ConfigError, RejectedError, UnavailableError
from services.devstack.errors import ProgramFailedError

app = typer.Typer(
    name="workflow",
    help="The workflows that the chat's commands stand for, and workflows of your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_COMMAND = re.compile("/?[a-z][a-z0-9_]{0,31}")
_BACKEND = re.compile("[a-z0-9][a-z0-9_-]{0,31}")


def _command(said: str) -> str:
    if not _COMMAND.fullmatch(said):
        raise typer.BadParameter("write it as /name: small letters, digits and _, beginning with a letter.")
    return said.removeprefix("/")


def _backend(said: str | None) -> str | None:
    if said is not None and not _BACKEND.fullmatch(said):
        raise typer.BadParameter("no backend can be called so. See: ./dev darkroom doctor")
    return said


def _places(what: str) -> Any:
    return typer.Option(metavar="NODE.INPUT", help=f"{what}; may be repeated, or 'none'.")


def _nodes(what: str) -> Any:
    return typer.Option(metavar="NODE", help=f"{what}; may be repeated, in order.")


Places = list[str] | None
CommandOption = Annotated[
    str,
    typer.Option("--command", metavar="/NAME", callback=_command, help="What people will type."),
]
CommandArgument = Annotated[str, typer.Argument(metavar="/NAME", callback=_command)]
WhichArgument = Annotated[
    str,
    typer.Argument(metavar="WORKFLOW", help="A command, a workflow's name, or how its digest begins."),
]


@app.command(
    "import",
    epilog="Example: ./dev darkroom workflow import upscale.json --command /up --image 12 --output 9",
)
def import_(  # noqa: PLR0917 - typer passes them by name
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="From ComfyUI: Workflow, then Export (API).")],
    command: CommandOption,
    title: Annotated[str, typer.Option(metavar="TEXT", help="What people read.")] = "",
    prompt: Annotated[Places, _places("Where the words go")] = None,
    negative: Annotated[Places, _places("Where --neg goes")] = None,
    seed: Annotated[Places, _places("Where the seed goes")] = None,
    width: Annotated[Places, _places("Where the first half of --size goes")] = None,
    height: Annotated[Places, _places("Where the second half of --size goes")] = None,
    steps: Annotated[Places, _places("Where --steps goes")] = None,
    cfg: Annotated[Places, _places("Where --cfg goes")] = None,
    count: Annotated[Places, _places("Where -n goes")] = None,
    bounds: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=LEAST:MOST:DEFAULT[:STEP]",
            help="How far width, height, steps, cfg or count may go; may be repeated.",
        ),
    ] = None,
    image: Annotated[Places, _nodes("A node that loads a picture to edit; 'none' if none is meant")] = None,
    optional_image: Annotated[Places, _nodes("One that may be left out")] = None,
    output: Annotated[Places, _nodes("A node whose files are the result; otherwise all that save")] = None,
    backend: Annotated[
        str | None,
        typer.Option(metavar="NAME", callback=_backend, help="Hold it against this backend; otherwise any."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what was found.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Replace what the command means now.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a workflow that was exported from ComfyUI a command of the chat.

    Where the words, the seed, the size and the pictures go is found in the file; what is not clear is
    asked on a terminal, and elsewhere said with the flags that answer it.
    """
    from services.cli import workflow_import  # noqa: PLC0415 - the help should not wait for what the work needs
    from services.cli.workflow_choices import Flags, choices  # noqa: PLC0415

    environ: Mapping[str, str] = context.obj
    slots = {
        "prompt": prompt,
        "negative": negative,
        "seed": seed,
        "width_px": width,
        "height_px": height,
        "steps": steps,
        "cfg": cfg,
        "count": count,
    }
    flags = Flags(
        title=title,
        slots={name: said or [] for name, said in slots.items()},
        bounds=bounds or [],
        images=image or [],
        optional_images=optional_image or [],
        outputs=output or [],
    )

    def work() -> Outcome:
        wanted = workflow_import.Wanted(
            file=file,
            command=command,
            choices=choices(flags),
            backend=backend,
            dry_run=dry_run,
            yes=yes,
            as_json=as_json,
            can_ask=sys.stdin.isatty() and sys.stderr.isatty() and not as_json,
        )
        return workflow_import.run(wanted, options.home(data, environ), environ)

    _ended(work, as_json=as_json)


@app.command("list", epilog="Example: ./dev darkroom workflow list --json")
def list_(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Say what each command means, who said so, and which backends can do it."""
    from services.cli import workflow_show  # noqa: PLC0415

    environ: Mapping[str, str] = context.obj
    home = options.home(data, environ)
    _ended(lambda: _run(workflow_show.list_all(home, environ, as_json=as_json)), as_json=as_json)


@app.command(epilog="Example: ./dev darkroom workflow show /f --prompt > f.json")
def show(
    context: typer.Context,
    workflow: WhichArgument,
    prompt: Annotated[
        bool, typer.Option("--prompt", help="Only the graph, as ComfyUI loads it again.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a workflow takes, what it needs, and what its command meant when."""
    from services.cli import workflow_show  # noqa: PLC0415

    environ: Mapping[str, str] = context.obj
    shown = workflow_show.show(
        workflow, options.home(data, environ), environ, only_prompt=prompt, as_json=as_json
    )
    _ended(lambda: _run(shown), as_json=as_json)


@app.command(epilog="Example: ./dev darkroom workflow bind /f 5c1e9a7b02d4")
def bind(  # noqa: PLR0917 - typer passes them by name
    context: typer.Context,
    command: CommandArgument,
    workflow: WhichArgument,
    follow: Annotated[
        bool, typer.Option("--follow", help="Let what is shipped bind it anew when that changes.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a command mean a workflow that was registered, now or ever."""
    from services.cli import workflow_bind  # noqa: PLC0415

    environ: Mapping[str, str] = context.obj
    home = options.home(data, environ)
    _ended(
        lambda: workflow_bind.run(
            command, workflow, "catalogue" if follow else "operator", home, environ, as_json=as_json
        ),
        as_json=as_json,
    )


def _run(work: Coroutine[Any, Any, None]) -> Outcome:
    asyncio.run(work)
    return Outcome.HOLDS


def _ended(work: Callable[[], Outcome], *, as_json: bool) -> None:
    """Do *work*, and end as it says; what is in its way is one sentence."""
    try:
        outcome = work()
    except (ConfigError, RejectedError) as exc:
        complain(str(exc), as_json=as_json)
        outcome = Outcome.DOES_NOT_HOLD
    except (ProgramFailedError, UnavailableError) as exc:
        complain(str(exc), as_json=as_json)
        outcome = Outcome.COULD_NOT_TELL
    finish(outcome)

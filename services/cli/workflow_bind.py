"""``darkroom workflow bind``: a command means another workflow from here on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import typer

from schemas.catalogue import BoundBy
from schemas.commands import BindWorkflow
from services.cli import workflow_shelf, workflow_words
from services.cli.outcome import Outcome, complain, print_json
from services.cli.running_stack import Reach, reach
from services.cli.terminal import Terminal, passing
from services.cli.workflow_change import Changed, change
from services.cli.workflow_shelf import Shelved
from services.common import db
from services.common.errors import ConfigError
from services.ingress.conversation import understand
from services.ingress.intent import Heard, Render


def run(
    command: str, name: str, by: BoundBy, home: Path, environ: Mapping[str, str], *, as_json: bool
) -> Outcome:
    """
    Bind *command* to the workflow that *name* means.

    Raises:
        ConfigError: There is no such workflow, the command can't be bound, or nothing runs.
        UnavailableError: Somebody does not answer.
    """
    require_bindable(command)
    place = reach(home, environ)
    found = asyncio.run(_find(place, name))
    with passing(Terminal()) as watcher:
        order = BindWorkflow(command=command, digest=found.spec.digest, by=by)
        changed = asyncio.run(change(place, order, watcher))
    about = {"command": f"/{command}", "title": found.spec.title, "digest": found.spec.digest, "by": by}
    return tell(changed, about, as_json=as_json)


def require_bindable(command: str) -> None:
    """Raise ``ConfigError`` when the chat would take *command* for one of its own, and never render it."""
    heard = understand(Heard(text=f"/{command} words"))
    if not isinstance(heard, Render) or heard.command != command:
        raise ConfigError(f"/{command} is a command of the chat itself. Choose another.")


async def present(place: Reach, command: str) -> Shelved | None:
    """What *command* means now."""
    conn = await db.connect(place.database_url)
    try:
        await workflow_shelf.require_tables(conn)
        return await workflow_shelf.of_command(conn, command)
    finally:
        await conn.close()


def agreed(before: Shelved | None, digest: str, *, yes: bool, can_ask: bool, as_json: bool) -> bool:
    """Whether a command may mean *digest* instead of what it means now; asks, if somebody can be asked."""
    if before is None or before.spec.digest == digest or yes:
        return True
    command = f"/{before.spec.command}"
    now = (
        f"{command} means {before.spec.title} ({before.spec.name}, {digest_of(before)}) now, since "
        f"{workflow_words.moment(before.history[-1].at)}."
    )
    if not can_ask:
        complain(f"{now} Give --yes to replace it.", as_json=as_json)
        return False
    typer.echo(now, err=True)
    if typer.confirm("Replace it?", err=True):
        return True
    typer.echo("Nothing was changed.", err=True)
    return False


def digest_of(one: Shelved) -> str:
    """Its digest, as far as a person needs it."""
    return one.spec.digest[: workflow_words.SHORT]


def tell(changed: Changed, about: Mapping[str, object], *, as_json: bool) -> Outcome:
    """Say who can render it now, or what is lacking where."""
    outcome = Outcome.HOLDS if changed.able else Outcome.DOES_NOT_HOLD
    if not changed.able and not changed.lacks:
        outcome = Outcome.COULD_NOT_TELL
    if as_json:
        backends = {"able": changed.able, "lacks": changed.lacks, "silent": changed.silent}
        print_json({"ok": bool(changed.able), **about, "backends": backends})
        return outcome
    if changed.able:
        count = len(changed.able)
        many = f"{count} backends can" if count > 1 else "1 backend can"
        print(f"/{changed.command} is ready: {many} render it ({', '.join(changed.able)}).")
    else:
        print(f"/{changed.command} is bound, and no backend can render it yet.")
    for backend, lacks in changed.lacks.items():
        for line in workflow_words.lacking(backend, lacks):
            print(line)
    for backend in changed.silent:
        print(f"  {backend} does not answer.")
    return outcome


async def _find(place: Reach, name: str) -> Shelved:
    conn = await db.connect(place.database_url)
    try:
        await workflow_shelf.require_tables(conn)
        return await workflow_shelf.named(conn, name)
    finally:
        await conn.close()

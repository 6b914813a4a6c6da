"""``darkroom workflow list`` and ``show``: what there is, with nothing running if need be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from schemas.catalogue import BackendReport
from services.cli import workflow_shelf, workflow_words
from services.cli.outcome import print_json
from services.cli.replay import database
from services.cli.workflow_shelf import Shelved
from services.common import db
from services.common.errors import ConfigError
from services.renderer.definition import Definition


async def list_all(home: Path, environ: Mapping[str, str], *, as_json: bool) -> None:
    """
    Print every command and what it means.

    Raises:
        ConfigError: There is no database, another command has it, or it is empty.
        ProgramFailedError: The embedded Postgres does not start.
        UnavailableError: Postgres does not answer.
    """
    async with database(home, environ) as url:
        conn = await db.connect(url)
        try:
            await workflow_shelf.require_tables(conn)
            shelved = await workflow_shelf.commands(conn)
            reports = await workflow_shelf.reports(conn)
        finally:
            await conn.close()
    if as_json:
        print_json({"ok": True, "workflows": [_json(one, reports) for one in shelved]})
        return
    for line in workflow_words.listed(shelved, reports):
        print(line)


async def show(
    name: str, home: Path, environ: Mapping[str, str], *, only_prompt: bool, as_json: bool
) -> None:
    """Print one workflow, or only its graph as ComfyUI loads it; raises as ``list_all`` does."""
    async with database(home, environ) as url:
        conn = await db.connect(url)
        try:
            await workflow_shelf.require_tables(conn)
            one = await workflow_shelf.named(conn, name)
            reports = await workflow_shelf.reports(conn)
        finally:
            await conn.close()
    raw: dict[str, Any] = msgspec.json.decode(one.definition)
    if only_prompt:
        print(msgspec.json.format(msgspec.json.encode(raw.get("prompt")), indent=2).decode())
    elif as_json:
        print_json({"ok": True, **_json(one, reports), "definition": raw})
    else:
        try:
            definition = msgspec.json.decode(one.definition, type=Definition)
        except msgspec.DecodeError as exc:
            raise ConfigError(
                f"{name} was registered by another version of Darkroom ({exc}). --json shows it as it is."
            ) from exc
        for line in workflow_words.shown(one, definition, reports):
            print(line)


def _json(one: Shelved, reports: Sequence[BackendReport]) -> dict[str, object]:
    spec = one.spec
    return {
        "command": f"/{spec.command}" if one.is_bound else "",
        "name": spec.name,
        "title": spec.title,
        "kind": spec.kind,
        "digest": spec.digest,
        "by": one.history[-1].by if one.is_bound else "",
        "since": one.history[-1].at if one.is_bound else None,
        "registered": one.registered_at,
        "bounds": spec.bounds,
        "able": workflow_words.able(reports, spec.digest),
        "history": one.history,
    }

"""``darkroom backend list``: how each backend stands, with nothing running if need be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from services.cli.outcome import Outcome, print_json
from services.cli.replay import database
from services.cli.workflow_words import lack, moment, table
from services.common import db
from services.common.errors import ConfigError
from services.orchestrator.overview import Overview, overview

_SPEEDS_TOLD = 3


async def run(home: Path, environ: Mapping[str, str], *, as_json: bool) -> Outcome:
    """
    Print every backend; it holds when one of them takes jobs.

    Raises:
        ConfigError: There is no database, another command has it, or it is empty.
        ProgramFailedError: The embedded Postgres does not start.
        UnavailableError: Postgres does not answer.
    """
    async with database(home, environ) as url:
        conn = await db.connect(url)
        try:
            if await conn.fetchval("SELECT to_regclass('projection.backend') IS NULL"):
                raise ConfigError("There are no backends yet: start Darkroom once, with ./dev up.")
            found = await overview(conn, datetime.now(UTC))
        finally:
            await conn.close()
    is_ready = any(one.state in {"ready", "trying"} for one in found)
    if as_json:
        print_json({"ok": is_ready, "backends": found})
    else:
        for line in words(found):
            print(line)
    return Outcome.HOLDS if is_ready else Outcome.DOES_NOT_HOLD


def words(found: Sequence[Overview]) -> Iterator[str]:
    """The backends in words, for a terminal."""
    if not found:
        yield "No backend was seen yet."
        return
    heads = ("BACKEND", "STATE", "COMFYUI", "RUNNING", "STAGED", "PROMPTS", "WAITING FOR IT", "WARM")
    yield from table(
        [
            heads,
            *(
                (
                    one.name,
                    one.state,
                    "simulator" if one.simulated else one.version or "unknown",
                    str(one.running),
                    str(one.staged),
                    str(one.prompts),
                    str(one.only_here),
                    one.warm or "nothing",
                )
                for one in found
            ),
        ]
    )
    for one in found:
        yield from _more(one)


def _more(one: Overview) -> Iterator[str]:
    if one.state == "away" and one.since is not None:
        yield f"  {one.name} is away since {moment(one.since)}: {one.reason or 'unknown why'}"
    elif one.state == "silent" and one.since is not None:
        yield f"  {one.name} was last heard of {moment(one.since)}: is Darkroom, with its renderer, running?"
    elif one.state == "paused" and one.until is not None:
        yield (
            f"  {one.name} is left alone until {one.until.astimezone(UTC):%H:%M:%S} UTC, "
            f"after {_times(one.faults)}: {one.reason}"
        )
    elif one.state == "trying":
        yield f"  {one.name} is tried with one job at a time, after {_times(one.faults)}: {one.reason}"
    if one.devices:
        yield f"  {one.name} renders on {', '.join(one.devices)}"
    if one.seconds:
        yield f"  {one.name} takes {_speed(one.seconds)}"
    for title, lacks in one.lacks.items():
        first, *others = lacks
        more = f", and {len(others)} more" if others else ""
        yield f"  {one.name} can't do {title}: it lacks {lack(first)}{more}"


def _speed(seconds: Mapping[str, float]) -> str:
    """What it did last and what else it may be asked for now, as far as one line goes."""
    told = [f"{took_s:g} s for {title}" for title, took_s in seconds.items()]
    more = len(told) - _SPEEDS_TOLD
    return ", ".join(told[:_SPEEDS_TOLD]) + (f", and {more} more (--json has all)" if more > 0 else "")


def _times(faults: int) -> str:
    return f"{faults} faults" if faults != 1 else "a fault"

"""The database's schema: every file of ``sql/migrations`` once, in order, each in its transaction."""

from __future__ import annotations

from importlib.resources import files

from services.common.db import Connection

_LOCK = 4740861539521037  # beside the log's own lock, so that two orchestrators don't migrate at once


def sql(name: str) -> str:
    """A file of this service's ``sql`` folder."""
    return files("services.orchestrator").joinpath("sql", name).read_text(encoding="utf-8")


async def migrate(conn: Connection) -> list[str]:
    """Bring the database up to date; returns the migrations that were applied now."""
    folder = files("services.orchestrator").joinpath("sql", "migrations")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    applied_now: list[str] = []
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await conn.execute(
            "CREATE TABLE IF NOT EXISTS migration "
            "(name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"
        )
        done = {row["name"] for row in await conn.fetch("SELECT name FROM migration")}
        for name in names:
            if name not in done:
                text = folder.joinpath(name).read_text(encoding="utf-8")
                await conn.execute(text.replace(r"\include projections.sql", sql("projections.sql")))
                await conn.execute("INSERT INTO migration (name) VALUES ($1)", name)
                applied_now.append(name)
    return applied_now

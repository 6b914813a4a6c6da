"""The role and the database of a fresh Postgres."""

from __future__ import annotations

from typing import Any

import asyncpg

from services.common import db
from services.common.db import Connection
from services.common.errors import ConfigError, UnavailableError

_driver: Any = asyncpg
_LOCK = 6183350412207741  # two at once would trip over the role's row


async def ensure_database(superuser_url: str, *, role: str, password: str, database: str) -> str:
    """
    Make the role and its database unless they are there.

    Returns:
        What is missing for it, or the empty string when both are there.

    Raises:
        ConfigError: The password is not this server's.
    """
    try:
        conn = await db.connect(superuser_url)
    except UnavailableError as exc:
        return str(exc)
    except ConfigError as exc:
        raise ConfigError(
            "Postgres does not accept the password in keys/postgres-superuser of the data directory. "
            "The two don't belong together: put the right file back."
        ) from exc
    try:
        await conn.execute("SELECT pg_advisory_lock($1)", _LOCK)  # until this connection is closed
        await _ensure_role(conn, role, password)
        if not await conn.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
            await conn.execute(f"CREATE DATABASE {database} OWNER {role}")
    except (_driver.PostgresError, _driver.InterfaceError, OSError) as exc:
        return f"Postgres can't be set up yet: {exc}"  # it may die at any moment, and is asked again
    finally:
        await conn.close()
    return ""


async def _ensure_role(conn: Connection, role: str, password: str) -> None:
    # CREATEROLE: migrations may give the services a role of their own that can do less than this one.
    # The password is urlsafe base64, so it needs no quoting; it is never logged (log_min_error_statement).
    known = await conn.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if known else "CREATE"
    await conn.execute(f"{verb} ROLE {role} LOGIN CREATEROLE PASSWORD '{password}'")

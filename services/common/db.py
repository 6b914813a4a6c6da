"""
Postgres by asyncpg. Driver errors become ours here and nowhere else.

asyncpg ships no types: ``Connection`` and ``Pool`` are the slice we use.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, cast

import asyncpg

from services.common.cancellation import heed
from services.common.errors import ConfigError, UnavailableError


class Connection(Protocol):
    """One connection; inside ``transaction`` everything commits together or not at all."""

    async def fetch(self, query: str, *args: object) -> Sequence[Any]: ...
    async def fetchrow(self, query: str, *args: object) -> Any: ...
    async def fetchval(self, query: str, *args: object) -> Any: ...
    async def execute(self, query: str, *args: object) -> str: ...
    async def executemany(self, query: str, args: Iterable[Sequence[object]]) -> None: ...
    def cursor(self, query: str, *args: object, prefetch: int) -> Any: ...
    def transaction(
        self, *, isolation: str | None = None, readonly: bool = False
    ) -> AbstractAsyncContextManager[None]: ...
    async def close(self) -> None: ...


class Pool(Protocol):
    """Connections to one database."""

    def acquire(self, *, timeout: float | None = None) -> AbstractAsyncContextManager[Connection]: ...
    async def close(self) -> None: ...
    def terminate(self) -> None: ...


_driver: Any = asyncpg

# What the driver raises when the server is gone, going, not yet there, full, or only a replica just now.
_GONE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # Postgres has said that it goes, and its connection is not closed yet: the next one is another.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
)

# What it raises when it was told to go where it never gets in.
_MISCONFIGURED = (
    asyncpg.exceptions.ClientConfigurationError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


async def open_pool(url: str, *, size: int = 8) -> Pool:
    """
    A pool that opens connections when they are needed, so that it can be made while Postgres is down.

    Args:
        url: ``postgresql://…``.
        size: Greatest number of connections.
    """
    pool = await _driver.create_pool(
        url, min_size=0, max_size=size, timeout=5, command_timeout=60, reset=_left_as_it_is
    )
    return cast("Pool", pool)


async def _left_as_it_is(_: Connection) -> None:
    """
    Between two uses of a connection there is nothing to reset, so that costs no round trip.

    Nothing we do outlives its transaction: settings are SET LOCAL, locks and cursors the transaction's. What
    was left open is rolled back by the driver all the same.
    """


async def connect(url: str) -> Connection:
    """One connection outside the pool. Raises ``UnavailableError`` or ``ConfigError``."""
    with translated():
        return cast("Connection", await _driver.connect(url, timeout=5))


@asynccontextmanager
async def connection(pool: Pool) -> AsyncGenerator[Connection]:
    """
    A connection for single statements.

    Raises:
        UnavailableError: Postgres does not answer.
        ConfigError: It does not let us in.
    """
    with translated():
        async with pool.acquire(timeout=5) as conn:
            yield conn


@asynccontextmanager
async def snapshot(pool: Pool, *, readonly: bool = True) -> AsyncGenerator[Connection]:
    """
    A connection that reads everything as of one moment, whatever is committed meanwhile.

    Raises:
        UnavailableError: Postgres does not answer; or, when not *readonly*, a row that was written here was
            written by another since that moment, and nothing is committed.
    """
    async with connection(pool) as conn, conn.transaction(isolation="repeatable_read", readonly=readonly):
        yield conn


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncGenerator[Connection]:
    """
    A transaction: committed when the block ends, rolled back when it raises.

    Raises:
        UnavailableError: Postgres does not answer. Nothing was committed, unless the connection was
            lost during COMMIT: then it may be either, and the claim in the inbox tells on redelivery.
    """
    async with connection(pool) as conn, conn.transaction():
        yield conn


class translated:  # noqa: N801  used like a function, in a with statement
    """Turns the driver's errors into ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, _tb: object) -> None:
        if isinstance(exc, Exception):
            heed()  # a rollback that failed has taken the place of what it was made for
        if isinstance(exc, _MISCONFIGURED):
            raise ConfigError(f"DATABASE_URL: {exc}. Give the Postgres of the event log.") from exc
        # The driver's own ValueErrors say that a value can't be sent at all: trying again won't mend that.
        if isinstance(exc, _GONE) and not isinstance(exc, ValueError):
            raise UnavailableError(f"Postgres does not answer: {exc}", code="postgres-down") from exc

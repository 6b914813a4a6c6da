"""Work on the log: decided on what was found there, and written only if that still holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from services.common.db import Pool, connection, transaction
from services.common.errors import VersionConflictError
from services.orchestrator import event_log
from services.orchestrator.event_log import ClaimedError
from services.orchestrator.ledger import Ledger, ProjectionError
from services.orchestrator.mark import Head
from services.orchestrator.recall import Recall
from services.orchestrator.rows import Rows

T = TypeVar("T")


class Writer:
    """
    Does one thing at a time to the log, whoever else does.

    At first nothing is locked: what the work reads is as of the last head that this process knows of, and
    the one statement that writes refuses when the log has gone on meanwhile. Then the work is done again
    behind the log's lock, and so is the next one, until nobody else has written in between.

    Args:
        pool: The event log's database.

    Attributes:
        recall: The process's, by whomever it is written or read.
    """

    def __init__(self, pool: Pool, recall: Recall) -> None:
        self._pool = pool
        self.recall = recall
        self._alone = False

    async def write(
        self, cause: UUID, at: datetime, work: Callable[[Ledger], Awaitable[T]], *, consumer: str = ""
    ) -> T | None:
        """
        Have *work* done, and what it recorded committed.

        Args:
            cause: Id of the message that is handled.
            at: When it is.
            work: May be done twice: what it changes, it changes through the ledger.
            consumer: Whose message it is; it takes effect once. Empty when it is nobody's.

        Returns:
            What the work returned; nothing when the message took effect before.

        Raises:
            ProjectionError: A row is not what the log says.
            UnavailableError: Postgres does not answer. Nothing was committed, unless the connection was
                lost at the very end: then it may be either, and the claim tells when the message comes again.
        """
        try:
            if self._alone and self.recall.head is not None:
                try:
                    return await self._freely(self.recall.head, cause, at, work, consumer)
                except VersionConflictError:
                    self._alone = False
            return await self._locked(cause, at, work, consumer)
        except ClaimedError:
            return None
        except ProjectionError:
            self.recall.forget()  # it may be right in the database again before long
            raise

    async def _freely(
        self, head: Head, cause: UUID, at: datetime, work: Callable[[Ledger], Awaitable[T]], consumer: str
    ) -> T:
        async with connection(self._pool) as conn:
            ledger = Ledger(Rows(conn, head, self.recall), cause, at)
            result = await work(ledger)
            after = await ledger.commit(consumer)
        self.recall.wrote(head, after, ledger.rows.written)
        return result

    async def _locked(
        self, cause: UUID, at: datetime, work: Callable[[Ledger], Awaitable[T]], consumer: str
    ) -> T:
        async with transaction(self._pool) as conn:
            head = await event_log.open_log(conn)
            self._alone = head == self.recall.head
            ledger = Ledger(await Rows.as_of(conn, head, self.recall), cause, at)
            result = await work(ledger)
            after = await ledger.commit(consumer)
        self.recall.wrote(head, after, ledger.rows.written)
        return result

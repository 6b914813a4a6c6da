"""One message's work on the log: what was read, what is appended, and the rows that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from schemas import ids
from services.common.db import Connection
from services.common.errors import RejectedError, VersionConflictError
from services.orchestrator import event_log, tables
from services.orchestrator.event_log import NewEvent
from services.orchestrator.mark import Append, Mark
from services.orchestrator.projection import PROJECTIONS, split
from services.orchestrator.tables import Row

State = TypeVar("State")


class ProjectionError(RejectedError):
    """A row is not what the log says it should be; ``darkroom replay`` tells which."""

    code = "projection-differs"


class Ledger:
    """
    Reads states and appends events in one transaction, as the only writer. Made by ``begin``.

    Event ids are derived from the message that caused them and their number, so that handling a
    message twice names the same events.
    """

    def __init__(self, conn: Connection, cause: UUID, at: datetime) -> None:
        self.conn = conn
        self.at = at
        self._cause = cause
        self._appended = 0
        self._rows: dict[str, Row] = {}

    @classmethod
    async def begin(cls, conn: Connection, cause: UUID, at: datetime) -> Ledger:
        """
        Lock the log for the rest of *conn*'s transaction.

        Args:
            conn: In a transaction that has read nothing yet that a decision rests on.
            cause: Id of the message that is handled.
            at: When it is.
        """
        await event_log.lock(conn)
        return cls(conn, cause, at)

    async def state(self, kind: type[State], stream: str) -> State | None:
        """The aggregate's state, or nothing before its first event."""
        state = (await self._row(stream)).state
        if state is not None and not isinstance(state, kind):
            raise TypeError(f"{stream} is not a {kind.__name__}")
        return state

    async def record(self, appends: Sequence[Append]) -> None:
        """
        Append events, each to its stream, and bring the rows up to date.

        Raises:
            ProjectionError: The stream is not at its row's version.
        """
        for append in appends:
            row = await self._row(append.stream)
            new = NewEvent(ids.event_id(self._cause, self._appended), append.event)
            try:
                position = await event_log.append(
                    self.conn,
                    append.stream,
                    [new],
                    expected=row.version,
                    cause=self._cause,
                    at=self.at,
                )
            except VersionConflictError as exc:
                # Nobody else can have appended since the row was read, so trying again won't mend it.
                raise ProjectionError(str(exc)) from exc
            self._appended += 1
            kind, id_ = split(append.stream)
            mark = Mark(position=position, at=self.at)
            state = PROJECTIONS[kind].evolve(row.state, new.event, mark)
            row = Row(version=row.version + 1, state=state)
            self._rows[append.stream] = row
            await tables.store(self.conn, kind, id_, row)

    async def _row(self, stream: str) -> Row:
        if stream not in self._rows:
            self._rows[stream] = await tables.load(self.conn, *split(stream))
        return self._rows[stream]

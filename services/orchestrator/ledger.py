"""One message's work on the log: what was read, what is appended, and the rows that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from schemas import ids
from services.common.db import Connection
from services.orchestrator import event_log, tables
from services.orchestrator.event_log import NewEvent
from services.orchestrator.mark import Append, Mark
from services.orchestrator.projection import PROJECTIONS, split
from services.orchestrator.tables import Row

State = TypeVar("State")


class Ledger:
    """
    Reads states and appends events in one transaction.

    Event ids are derived from the message that caused them and their number, so that handling a
    message twice names the same events.
    """

    def __init__(self, conn: Connection, cause: UUID, at: datetime) -> None:
        self.conn = conn
        self.at = at
        self._cause = cause
        self._appended = 0
        self._rows: dict[str, Row] = {}

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
            VersionConflictError: Someone appended first; the transaction has to be done again.
        """
        for append in appends:
            row = await self._row(append.stream)
            event_id = ids.event_id(self._cause, self._appended)
            position = await event_log.append(
                self.conn,
                append.stream,
                [NewEvent(event_id, append.event)],
                expected=row.version,
                cause=self._cause,
                at=self.at,
            )
            self._appended += 1
            kind, id_ = split(append.stream)
            mark = Mark(position=position, at=self.at)
            state = PROJECTIONS[kind].evolve(row.state, append.event, mark)
            row = Row(version=row.version + 1, state=state)
            self._rows[append.stream] = row
            await tables.store(self.conn, kind, id_, row)

    async def _row(self, stream: str) -> Row:
        if stream not in self._rows:
            self._rows[stream] = await tables.load(self.conn, *split(stream))
        return self._rows[stream]

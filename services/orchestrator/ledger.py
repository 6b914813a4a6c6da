"""One message's work on the log: what was read, what is appended, and the rows that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from schemas import ids
from schemas.envelope import Recorded
from services.common.db import Connection
from services.common.errors import RejectedError
from services.orchestrator import event_log, tables
from services.orchestrator.event_log import NewEvent, StreamVersionError
from services.orchestrator.mark import Append, Head, Mark
from services.orchestrator.projection import PROJECTIONS, Row, split
from services.orchestrator.rows import Rows

State = TypeVar("State")


class ProjectionError(RejectedError):
    """A row is not what the log says it should be; ``darkroom replay`` tells which."""

    code = "projection-differs"


class Ledger:
    """
    Reads states and appends events, as if nobody else wrote meanwhile; made by a ``Writer``.

    Event ids are derived from the message that caused them and their number, so that handling a
    message twice names the same events.

    Attributes:
        rows: What is read; what was recorded is seen there.
        at: When the message is handled.
    """

    def __init__(self, rows: Rows, cause: UUID, at: datetime) -> None:
        self.rows = rows
        self.at = at
        self._cause = cause
        self._new: list[NewEvent] = []

    @property
    def conn(self) -> Connection:
        """What is read over it of the projections is without what was recorded."""
        return self.rows.conn

    @property
    def recorded(self) -> list[Recorded]:
        """The events so far, as the log will have them."""
        return [
            Recorded(
                position=self.rows.head.position + number,
                stream=new.stream,
                version=new.version,
                event_id=new.event_id,
                cause=self._cause,
                at=self.at,
                event=new.event,
            )
            for number, new in enumerate(self._new, start=1)
        ]

    async def state(self, kind: type[State], stream: str) -> State | None:
        """The aggregate's state, or nothing before its first event."""
        return await self.rows.state(kind, stream)

    async def record(self, appends: Sequence[Append]) -> None:
        """Append events, each to its stream, and have the rows follow."""
        for append in appends:
            row = await self.rows.row(append.stream)
            event_id = ids.event_id(self._cause, len(self._new))
            new = NewEvent(append.stream, row.version + 1, event_id, append.event)
            self._new.append(new)
            kind, _ = split(append.stream)
            mark = Mark(position=self.rows.head.position + len(self._new), at=self.at)
            state = PROJECTIONS[kind].evolve(row.state, new.event, mark)
            self.rows.written[append.stream] = Row(version=new.version, state=state)

    async def commit(self, consumer: str = "") -> Head:
        """
        Bring everything that was recorded into the database, at once; with *consumer*, the cause is claimed.

        Returns:
            Where the log stands with it.

        Raises:
            VersionConflictError: Somebody else appended meanwhile; nothing was written.
            ProjectionError: A stream is not at its row's version.
            ClaimedError: The message took effect before.
        """
        before = self.rows.head
        if not self._new and not consumer:
            return before
        try:
            return await event_log.append(
                self.conn,
                self._new,
                tables.upserts(self.rows.written),
                after=before,
                cause=self._cause,
                at=self.at,
                consumer=consumer,
            )
        except StreamVersionError as exc:
            # Nobody else can have appended since the rows were read, so trying again won't mend it.
            raise ProjectionError(str(exc)) from exc

"""The projections as of one moment: remembered as far as that holds, and otherwise read, each row once."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from services.common.db import Connection
from services.orchestrator import event_log, line, tables
from services.orchestrator.backend import Backend
from services.orchestrator.egress import Egress
from services.orchestrator.job import Job
from services.orchestrator.mark import Head
from services.orchestrator.projection import Row, split
from services.orchestrator.recall import Recall
from services.orchestrator.unfinished import Unfinished, unfinished

State = TypeVar("State")

_FAR_BEHIND = 1000  # events; from there on reading again is quicker than finding out what has changed


class Rows:
    """
    Reads within one transaction; made by ``as_of``.

    Attributes:
        conn: The transaction's.
        head: Where the log stands in it, without what is written.
        written: Rows that a decision has changed and that are not in the database yet. They are seen by
            whatever is read here, and by nothing else.
    """

    def __init__(self, conn: Connection, head: Head, recall: Recall) -> None:
        self.conn = conn
        self.head = head
        self.written: dict[str, Row] = {}
        self._recall = recall
        self._read: dict[str, Row] = {}

    @classmethod
    async def as_of(cls, conn: Connection, head: Head, recall: Recall) -> Rows:
        """
        What *conn* sees.

        Args:
            conn: In a transaction that sees the log at *head* as long as it lasts: in a ``db.snapshot``, or
                after ``event_log.open_log``.
            head: Where the log stands.
            recall: The process's.
        """
        if recall.head != head:
            await _catch_up(conn, head, recall)
        return cls(conn, head, recall)

    async def row(self, stream: str) -> Row:
        """A stream's row; version 0 before its first event."""
        row = self.written.get(stream) or self._read.get(stream) or self._recall.row(stream, self.head)
        if row is None:
            row = await tables.load(self.conn, *split(stream))
            self._recall.keep(stream, row, self.head)
        self._read[stream] = row
        return row

    async def state(self, kind: type[State], stream: str) -> State | None:
        """The aggregate's state, or nothing before its first event."""
        state = (await self.row(stream)).state
        if state is not None and not isinstance(state, kind):
            raise TypeError(f"{stream} is not a {kind.__name__}")
        return state

    async def states(self, kind: str) -> dict[str, Any]:
        """Every state of a kind of which there are few, by id, in the order of ids."""
        streams = self._recall.streams(kind, self.head)
        if streams is None:
            found = await tables.load_all(self.conn, kind)
            for stream, row in found.items():
                self._read.setdefault(stream, row)
                self._recall.keep(stream, row, self.head)
            self._recall.keep_streams(kind, found, self.head)
            streams = frozenset(found)
        written = {stream for stream in self.written if split(stream)[0] == kind}
        return {split(stream)[1]: (await self.row(stream)).state for stream in sorted(streams | written)}

    async def backends(self) -> list[Backend]:
        """Every backend as it was last found, by name."""
        return list((await self.states("backend")).values())

    async def positions(self) -> dict[str, Egress]:
        """What was found out at each position about the way out."""
        return await self.states("egress")

    async def unfinished(self) -> list[Unfinished]:
        """Every job that has not ended, oldest first."""
        jobs = self._recall.unfinished(self.head)
        if jobs is None:
            jobs = await line.unfinished(self.conn)
            self._recall.keep_unfinished(jobs, self.head)
        return sorted(self._with_written(jobs).values(), key=attrgetter("waiting.position"))

    def _with_written(self, jobs: Mapping[UUID, Unfinished]) -> Mapping[UUID, Unfinished]:
        changed = {
            UUID(split(stream)[1]): row.state
            for stream, row in self.written.items()
            if isinstance(row.state, Job)
        }
        if not changed:
            return jobs
        now = {job_id: unfinished(job_id, job) for job_id, job in changed.items()}
        return {name: job for name, job in {**jobs, **now}.items() if job is not None}


async def _catch_up(conn: Connection, head: Head, recall: Recall) -> None:
    before = recall.head
    if before is not None and head.position < before.position:
        return  # a snapshot of before; what is remembered is newer
    if before is None or head.position - before.position > _FAR_BEHIND:
        recall.begin(head)
        return
    known, streams = await event_log.changed(conn, before)
    if not known:
        recall.begin(head)  # another history, as after a restored backup
        return
    jobs = [split(stream)[1] for stream in streams if split(stream)[0] == "job"]
    recall.others_wrote(before, head, streams, await line.unfinished(conn, jobs) if jobs else {})

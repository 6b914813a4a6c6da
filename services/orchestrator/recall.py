"""What is remembered of the projections from one transaction to the next. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from services.orchestrator.catalogue import Workflow
from services.orchestrator.job import Job
from services.orchestrator.mark import Head
from services.orchestrator.projection import Row, split
from services.orchestrator.unfinished import Unfinished, unfinished

_MOST_ROWS = 2048
_MOST_CHARACTERS = 64 * 1024  # of a workflow's definition


class Recall:
    """
    Rows as they are at one head of the log, and at no other.

    A row is a function of the log, and a head's hash stands for all of the log before it: whoever finds the
    log at this head would read from the database what is remembered here. What is asked for as of another
    head is not known, and what is told as of another head is not kept.

    Attributes:
        head: As of which everything is; nothing is remembered before the first ``begin``.
    """

    def __init__(self, most_rows: int = _MOST_ROWS) -> None:
        self.head: Head | None = None
        self._most_rows = most_rows
        self._rows: OrderedDict[str, Row] = OrderedDict()
        self._streams: dict[str, frozenset[str]] = {}
        self._unfinished: dict[UUID, Unfinished] | None = None

    def begin(self, head: Head) -> None:
        """Forget everything, and remember as of *head* from now on."""
        self.head = head
        self._rows.clear()
        self._streams.clear()
        self._unfinished = None

    def forget(self) -> None:
        """Forget everything."""
        self.head = None

    def row(self, stream: str, head: Head) -> Row | None:
        """A row, if it is remembered as of *head*."""
        row = self._rows.get(stream) if head == self.head else None
        if row is not None:
            self._rows.move_to_end(stream)
        return row

    def keep(self, stream: str, row: Row, head: Head) -> None:
        """Remember a row that was read as of *head*."""
        if head == self.head:
            self._keep(stream, row)

    def streams(self, kind: str, head: Head) -> frozenset[str] | None:
        """Every stream of a kind, if they are remembered as of *head*."""
        return self._streams.get(kind) if head == self.head else None

    def keep_streams(self, kind: str, streams: Iterable[str], head: Head) -> None:
        """Remember every stream of a kind; for kinds of which there are few."""
        if head == self.head:
            self._streams[kind] = frozenset(streams)

    def unfinished(self, head: Head) -> Mapping[UUID, Unfinished] | None:
        """The jobs that have not ended, if they are remembered as of *head*."""
        return self._unfinished if head == self.head else None

    def keep_unfinished(self, jobs: Mapping[UUID, Unfinished], head: Head) -> None:
        """Remember the jobs that have not ended."""
        if head == self.head:
            self._unfinished = dict(jobs)

    def wrote(self, before: Head, after: Head, rows: Mapping[str, Row]) -> None:
        """We brought the log from *before* to *after*, and these rows with it."""
        if before != self.head:
            return
        self.head = after
        for stream, row in rows.items():
            self._keep(stream, row)
            kind, id_ = split(stream)
            self._know(kind, stream)
            if self._unfinished is not None and isinstance(row.state, Job):
                _put(self._unfinished, UUID(id_), unfinished(UUID(id_), row.state))

    def others_wrote(
        self, before: Head, after: Head, streams: Collection[str], jobs: Mapping[UUID, Unfinished]
    ) -> None:
        """Others brought the log from *before* to *after*; of the jobs among *streams*, *jobs* go on."""
        if before != self.head:
            return
        self.head = after
        for stream in streams:
            self._rows.pop(stream, None)
            kind, id_ = split(stream)
            self._know(kind, stream)
            if self._unfinished is not None and kind == "job":
                _put(self._unfinished, UUID(id_), jobs.get(UUID(id_)))

    def _know(self, kind: str, stream: str) -> None:
        if kind in self._streams:
            self._streams[kind] |= {stream}

    def _keep(self, stream: str, row: Row) -> None:
        if isinstance(row.state, Workflow) and len(row.state.definition) > _MOST_CHARACTERS:
            return  # it never changes, and there may be many
        self._rows[stream] = row
        self._rows.move_to_end(stream)
        if len(self._rows) > self._most_rows:
            self._rows.popitem(last=False)


def _put(jobs: dict[UUID, Unfinished], job_id: UUID, job: Unfinished | None) -> None:
    if job is None:
        jobs.pop(job_id, None)
    else:
        jobs[job_id] = job

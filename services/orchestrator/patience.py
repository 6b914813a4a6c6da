"""Giving up jobs that waited too long: in the queue for any backend, or with a backend that went away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from services.common.db import Connection, Pool, snapshot
from services.orchestrator import job, line, outcome
from services.orchestrator.ability import Why, unable_since, why_unable
from services.orchestrator.backend import Backend
from services.orchestrator.egress import Egress
from services.orchestrator.gate import last_change
from services.orchestrator.gatekeeper import Gatekeeper
from services.orchestrator.job import Job
from services.orchestrator.ledger import Ledger
from services.orchestrator.lookup import backends, positions
from services.orchestrator.outcome import GivenUp
from services.orchestrator.overdue import Held, Verdict, reclaim_after, verdict
from services.orchestrator.writer import Writer

_AT_ONCE = 50  # others want to write as well; what is left is found at the next look


class Patience:
    """
    Gives up what waited too long; any number of orchestrators may.

    Args:
        pool: The event log's database.
        writer: To the log.
        gatekeeper: While it keeps the gate shut for a reason that is no backend's, nothing in the queue is
            given up.
        queue_patience_s: How long a job waits while no backend can do it.
        clock: Now.
        wake: Called after something was given up.
    """

    def __init__(
        self,
        pool: Pool,
        writer: Writer,
        gatekeeper: Gatekeeper,
        *,
        queue_patience_s: float,
        clock: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._pool = pool
        self._writer = writer
        self._gatekeeper = gatekeeper
        self._patience = timedelta(seconds=queue_patience_s)
        self._clock = clock
        self._wake = wake

    async def look(self) -> None:
        """Give up what waited too long; raises ``UnavailableError``, and then nothing was given up."""
        now = self._clock()
        async with snapshot(self._pool) as conn:
            if not await self._overdue(conn, await backends(conn), await positions(conn), now):
                return
        # Only now, and so once more, where it is decided: there is hardly ever anything to do.
        await self._writer.write(uuid4(), now, self._give_up)
        self._wake()

    async def _give_up(self, ledger: Ledger) -> None:
        found, egress = await ledger.rows.backends(), await ledger.rows.positions()
        for held, found_so in await self._overdue(ledger.conn, found, egress, ledger.at):
            await _give_up(ledger, held, found_so, found)

    async def _overdue(
        self, conn: Connection, found: list[Backend], egress: Mapping[str, Egress], now: datetime
    ) -> list[tuple[Held, Verdict]]:
        before = now - self._patience
        shut = await self._gatekeeper.shut(conn, egress)
        lost = [one.name for one in found if one.away_since is not None]
        longest = [one.away_since for one in found if one.away_since is not None]
        workflows = [
            workflow
            for workflow in await line.queued_workflows(conn)
            if (since := unable_since(found, workflow, now)) is not None and since <= before
        ]
        held: list[Held] = []
        if workflows and not (shut is not None and shut.is_patient):
            held += await line.queued_before(conn, workflows, before, limit=_AT_ONCE)
        if longest and now - min(longest) >= reclaim_after(self._patience):
            held += await line.with_backends(conn, lost)
        overdue: list[tuple[Held, Verdict]] = []
        for one in held:
            found_so = verdict(one, found, now, self._patience, last_change(egress))
            if found_so != "waits":
                overdue.append((one, found_so))
        return overdue[:_AT_ONCE]


async def _give_up(ledger: Ledger, held: Held, found_so: Verdict, found: list[Backend]) -> None:
    now = await ledger.state(Job, job.stream(held.job_id))
    if now is None:
        raise ValueError(f"job {held.job_id} has a row, but was never requested")
    why = Why(code="backend-unreachable", details={"backend": held.backend})
    if held.status == "queued":
        why = why_unable(found, held.workflow, now.requested.command)
    given_up = GivenUp(why=why, is_final=found_so == "ends")
    await ledger.record(outcome.decide(held.job_id, given_up, now))

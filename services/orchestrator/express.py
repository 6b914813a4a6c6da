"""
What somebody waits for, sent straight from the transaction that made it due.

The relay would find it in the log a moment later, among everything else; but a GPU may stand idle for the
order, and a person look at the screen for the picture. What this does not get sent, the relay does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from services.common.bus import Bus
from services.common.errors import ServiceError
from services.orchestrator.composer import Composer
from services.orchestrator.effects import Due, effects
from services.orchestrator.gatekeeper import Gatekeeper
from services.orchestrator.ledger import Ledger
from services.orchestrator.outgoing import Outgoing, entries, orders
from services.orchestrator.person_keys import PersonKeys
from services.orchestrator.sent import Sent

_MOST_ON_THE_WAY = 64  # beyond that NATS is slow, and the relay sends many at once


class Express:
    """
    Composes within a transaction and sends once that is committed, as tasks of *group*.

    Args:
        bus: NATS.
        sent: What the relay need not send again.
        gatekeeper: Whether jobs may be dispatched.
        clock: Now.
        group: Of the service.
    """

    def __init__(
        self,
        bus: Bus,
        sent: Sent,
        gatekeeper: Gatekeeper,
        clock: Callable[[], datetime],
        group: asyncio.TaskGroup,
    ) -> None:
        self._bus = bus
        self._sent = sent
        self._gatekeeper = gatekeeper
        self._clock = clock
        self._group = group
        self._on_the_way = 0

    async def composed(self, ledger: Ledger, keys: PersonKeys) -> list[Outgoing]:
        """Orders to renderers, outcomes and answers, out of what *ledger* has recorded so far."""
        recorded = ledger.recorded
        if not recorded or self._on_the_way >= _MOST_ON_THE_WAY:
            return []
        due = effects(recorded)
        composer = Composer(ledger.rows, keys, self._gatekeeper, version=recorded[-1].position)
        final = Due(answers=due.answers)
        for job_id in due.jobs:
            job = await composer.job(job_id)
            if job is not None and job.has_ended:
                final.jobs[job_id] = None
        return [*(await orders(composer, due)).messages, *await entries(composer, final)]

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Have them sent, once what made them due is committed. That they arrived is not waited for."""
        for one in messages:
            self._on_the_way += 1
            self._group.create_task(self._publish(one))
        await asyncio.sleep(0)  # they go before whatever is said next

    async def _publish(self, one: Outgoing) -> None:
        try:
            await self._bus.publish(one.subject, one.body, one.message_id, at=self._clock())
        except ServiceError as exc:
            structlog.get_logger().info("left to the relay", code=exc.code)
        else:
            self._sent.note(one.says)
        finally:
            self._on_the_way -= 1

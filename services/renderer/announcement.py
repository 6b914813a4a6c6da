"""Announcing the catalogue at start, until it is taken."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog

from schemas import ids, subjects
from schemas.facts import WorkflowAnnounced
from services.common.bus import Bus, BusDownError
from services.common.run import until
from services.renderer.catalogue import Catalogue

_AGAIN_S = 0.5
_SENDER = "catalogue"


async def announce(bus: Bus, catalogue: Catalogue, start_id: UUID, stopping: asyncio.Event) -> None:
    """
    Tell the orchestrator every workflow, once a start.

    Args:
        bus: NATS.
        catalogue: What there is.
        start_id: Of this start of the process. Were the id made of the workflows, a catalogue that goes
            back to what it was would be taken for an announcement heard before.
        stopping: Ends the trying.
    """
    for digest, workflow in catalogue.items():
        fact = WorkflowAnnounced(spec=workflow.spec(), definition=workflow.text())
        message_id = ids.message_id("workflow-announced", start_id, digest)
        while True:
            try:
                await bus.publish(subjects.inbox_fact(_SENDER), fact, message_id)
            except BusDownError:
                if await until(stopping, _AGAIN_S):
                    return
            else:
                break
    structlog.get_logger().info("announced", commands=[one.recipe.command for one in catalogue.values()])

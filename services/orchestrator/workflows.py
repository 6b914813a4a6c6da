"""What a renderer's catalogue and an operator make of the workflows."""

from __future__ import annotations

import hashlib

import structlog

from schemas.commands import BindWorkflow, ImportWorkflow
from schemas.facts import WorkflowAnnounced
from services.common.errors import RejectedError
from services.orchestrator import catalogue
from services.orchestrator.catalogue import Binding, Workflow
from services.orchestrator.desk import Desk


class DigestDiffersError(RejectedError):
    """A definition is not the one that its digest is of. Under that name it would never be rendered."""

    code = "digest-differs"


async def announced(fact: WorkflowAnnounced, desk: Desk) -> None:
    """A renderer has this workflow in its catalogue."""
    known = await desk.ledger.state(Workflow, catalogue.workflow_stream(fact.spec.digest))
    bound = await desk.ledger.state(Binding, catalogue.command_stream(fact.spec.command))
    await desk.ledger.record(catalogue.announce(fact.spec, fact.definition, known, bound))


async def imported(command: ImportWorkflow, desk: Desk) -> None:
    """An operator gives a workflow; raises ``DigestDiffersError``."""
    spec = command.spec
    if hashlib.sha256(command.definition.encode()).hexdigest() != spec.digest:
        raise DigestDiffersError
    known = await desk.ledger.state(Workflow, catalogue.workflow_stream(spec.digest))
    bound = await desk.ledger.state(Binding, catalogue.command_stream(spec.command))
    await desk.ledger.record(
        [
            *catalogue.register(spec, command.definition, known),
            *catalogue.bind(spec.command, spec.digest, bound, by="operator"),
        ]
    )


async def bound(command: BindWorkflow, desk: Desk) -> None:
    """An operator says what a command means."""
    known = await desk.ledger.state(Workflow, catalogue.workflow_stream(command.digest))
    if known is None:
        structlog.get_logger().warning("unknown workflow", digest=command.digest)
        return
    before = await desk.ledger.state(Binding, catalogue.command_stream(command.command))
    await desk.ledger.record(catalogue.bind(command.command, command.digest, before, by=command.by))

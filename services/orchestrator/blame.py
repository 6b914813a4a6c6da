"""What an attempt's outcome says of its backend: a fault, or a proof that it is sound. Pure."""

from __future__ import annotations

from uuid import UUID

from schemas.events.backend import BackendFaulted, BackendProved
from schemas.facts import RenderFailed, RenderSucceeded
from services.orchestrator import backend
from services.orchestrator.backend import Backend
from services.orchestrator.failure import traits
from services.orchestrator.job import Job
from services.orchestrator.mark import Append


def blame(
    job_id: UUID, fact: RenderFailed | RenderSucceeded, now: Job, where: Backend | None
) -> list[Append]:
    """
    The backend's event that follows from an attempt's outcome, if any.

    Args:
        job_id: The job.
        fact: What a renderer found.
        now: The job as it was before.
        where: The backend that it is with.
    """
    if where is None or not now.is_current(fact.attempt):
        return []
    here = backend.stream(now.backend)
    if isinstance(fact, RenderSucceeded) and fact.images:
        return [Append(stream=here, event=BackendProved(job_id=job_id))] if where.breaker.faults else []
    if now.status == "cancelling" or not where.report.reachable:
        return []  # it was stopped on purpose; or nothing goes there anyway until it is back
    code = fact.code if isinstance(fact, RenderFailed) else "no-output"
    fault = traits(code).fault
    if fault == "none" or (fault == "once" and now.backend in now.failed_on):
        return []
    return [Append(stream=here, event=BackendFaulted(job_id=job_id, attempt=fact.attempt, code=code))]

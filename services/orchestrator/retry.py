"""What another attempt is to do otherwise: elsewhere, with memory freed, or smaller. Pure."""

from __future__ import annotations

from math import sqrt

from msgspec.structs import replace

from schemas.catalogue import Bounds, WorkflowSpec
from schemas.events.job import JobDispatched
from schemas.params import RenderParams
from services.orchestrator.backend import Backend, able
from services.orchestrator.job import OUT_OF_MEMORY, Job

MAX_ATTEMPTS = 3

_SMALLER_AFTER = 2
"""So often out of memory, the second time after it was freed: the same again would end the same."""


def order(now: Job, backend: str, spec: WorkflowSpec | None) -> JobDispatched:
    """
    The next attempt on a backend.

    Args:
        now: The job.
        backend: Where it goes.
        spec: Its workflow; needed only for one that ran out of memory.
    """
    asked = now.requested.params
    is_smaller = len(now.out_of_memory) >= _SMALLER_AFTER and backend in now.failed_on
    return JobDispatched(
        attempt=now.attempt + 1,
        backend=backend,
        free_memory=backend in now.out_of_memory,
        params=smaller(asked, spec) if is_smaller and spec is not None else None,
    )


def is_hopeless(code: str, now: Job, spec: WorkflowSpec | None, backends: list[Backend]) -> bool:
    """
    Whether another attempt would run out of memory as this one did.

    Args:
        code: How the attempt failed.
        now: The job before that.
        spec: Its workflow.
        backends: Every backend.
    """
    if code != OUT_OF_MEMORY or len(now.out_of_memory) + 1 < _SMALLER_AFTER:
        return False
    tried = {*now.failed_on, now.backend}
    if any(report.backend not in tried for report in able(backends, now.requested.workflow)):
        return False
    return spec is None or smaller(now.requested.params, spec) is None


def smaller(params: RenderParams, spec: WorkflowSpec) -> RenderParams | None:
    """One picture instead of several, else about half the area in the same shape; nothing if neither goes."""
    count = spec.bounds.get("count")
    if params.count is not None and params.count > 1 and count is not None and count.least <= 1:
        return replace(params, count=1)
    width, height = spec.bounds.get("width_px"), spec.bounds.get("height_px")
    if params.width_px is None or params.height_px is None or width is None or height is None:
        return None
    less = _less(params.width_px, width), _less(params.height_px, height)
    if less[0] is None or less[1] is None:
        return None
    return replace(params, width_px=less[0], height_px=less[1])


def _less(size_px: int, bounds: Bounds) -> int | None:
    step = max(int(bounds.multiple_of), 1)
    less_px = int(size_px / sqrt(2)) // step * step
    return less_px if bounds.least <= less_px < size_px else None

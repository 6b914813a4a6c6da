"""What a job means when it is wanted once more. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict, replace

from schemas.catalogue import Bounds, WorkflowSpec
from schemas.params import RenderParams
from schemas.private import Words
from services.orchestrator.ability import is_taken
from services.orchestrator.backend import Backend
from services.orchestrator.request import unheeded


class Meant(Struct, frozen=True, kw_only=True):
    """The workflow and the parameters of a repetition; no workflow when its command means none any more."""

    spec: WorkflowSpec | None
    params: RenderParams


def meant(
    params: RenderParams,
    own: WorkflowSpec | None,
    present: WorkflowSpec | None,
    backends: list[Backend],
    now: datetime,
) -> Meant:
    """
    The same again, as far as that can be.

    Args:
        params: Of the job.
        own: The workflow that the job was made with.
        present: What its command means now.
        backends: Every backend.
        now: The time.

    Returns:
        The job's own workflow while a backend can do it, or one that could is away only just now. After that
        the command's present one, for which parameters that it does not take, or not so, are left out.
    """
    if own is not None and is_taken(backends, own.digest, now):
        return Meant(spec=own, params=params)
    if present is None or (own is not None and own.digest == present.digest):
        return Meant(spec=present, params=params)
    return Meant(spec=present, params=_fitting(params, present))


def words(before: Words, means: Meant, *, said: str) -> Words:
    """The job's words, as far as its repetition heeds them; *said* is what asked for that."""
    if means.spec is None or unheeded(means.spec, means.params.cfg) is None:
        return replace(before, said=said)
    return replace(before, said=said, negative="")


def _fitting(params: RenderParams, spec: WorkflowSpec) -> RenderParams:
    kept = {
        name: value
        for name, value in asdict(params).items()
        if (name == "seed" and spec.takes_seed)
        or (value is not None and _fits(name, value, spec.bounds.get(name)))
    }
    return RenderParams(**kept)


def _fits(name: str, value: float, bounds: Bounds | None) -> bool:
    if bounds is None:
        return False
    on_step = name == "cfg" or bounds.multiple_of <= 0 or value % bounds.multiple_of == 0
    return bounds.least <= value <= bounds.most and on_step

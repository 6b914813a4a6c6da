"""A backend: one ComfyUI behind the tunnel."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from schemas.catalogue import BackendReport


class BackendObserved(Struct, frozen=True, kw_only=True, tag="backend.observed.v1"):
    """A look at the backend found something other than the look before."""

    report: BackendReport


class BackendFaulted(Struct, frozen=True, kw_only=True, tag="backend.faulted.v1"):
    """An attempt failed there through the backend's own fault; enough of them open its circuit breaker."""

    job_id: UUID
    attempt: int
    code: str


class BackendProved(Struct, frozen=True, kw_only=True, tag="backend.proved.v1"):
    """It finished a job after faults: that, and not a 200, is what closes its circuit breaker."""

    job_id: UUID


BackendEvent = BackendObserved | BackendFaulted | BackendProved

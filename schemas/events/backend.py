"""A backend: one ComfyUI behind the tunnel."""

from __future__ import annotations

from msgspec import Struct

from schemas.catalogue import BackendReport


class BackendObserved(Struct, frozen=True, kw_only=True, tag="backend.observed.v1"):
    """A look at the backend found something other than the look before."""

    report: BackendReport


BackendEvent = BackendObserved

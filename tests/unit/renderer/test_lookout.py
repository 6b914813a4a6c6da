"""A ComfyUI that was restarted may have other nodes; one that was only out of reach has not."""

from __future__ import annotations

from typing import Any

import pytest

from services.common.errors import ServiceError
from services.renderer.catalogue import OWN, read_workflow
from services.renderer.comfyui.answers import System, SystemStats
from services.renderer.errors import BackendDownError, TunnelDownError
from services.renderer.inventory import Inventory
from services.renderer.lookout import Lookout, Rhythm

FLUX = read_workflow(OWN / "flux-schnell")


class Shelf:
    """A library of one workflow."""

    def all(self) -> dict[str, Any]:
        """Everything in it."""
        return {FLUX.digest(): FLUX}


class Backend:
    """A backend that counts how often it is asked for everything it has, and fails as it is told."""

    def __init__(self) -> None:
        self.trouble: ServiceError | None = None
        self.asked = 0

    async def system_stats(self) -> SystemStats:
        """Its version."""
        if self.trouble is not None:
            raise self.trouble
        return SystemStats(system=System(comfyui_version="0.8.0"))

    async def queue_length(self) -> int:
        """Nothing waits."""
        return 0

    async def object_info(self) -> dict[str, Any]:
        """Every class of the workflow."""
        self.asked += 1
        return {node.class_type: {} for node in FLUX.prompt.values()}


class Bus:
    """Takes every report."""

    async def publish(self, *_: object, **__: object) -> None:
        """Taken."""


@pytest.mark.parametrize(
    ("trouble", "asked"),
    [
        (BackendDownError("the tunnel says backend-refused", code="backend-refused"), 2),
        (BackendDownError("the tunnel says backend-timeout", code="backend-timeout"), 1),
        (TunnelDownError("no answer"), 1),
    ],
    ids=["not running", "slow", "our own tunnel"],
)
async def test_what_it_has_is_asked_for_anew_after_a_restart(trouble: ServiceError, asked: int) -> None:
    """At once, not after a while: jobs that it can't do any more would be sent there."""
    made: Any = Lookout
    shelf: Any = Shelf()
    backend = Backend()
    lookout = made(Bus(), "gpu", backend, Inventory(shelf), Rhythm())
    for state in (None, trouble, None):
        backend.trouble = state
        await lookout.look()

    assert asked == backend.asked

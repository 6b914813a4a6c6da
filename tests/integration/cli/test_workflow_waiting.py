"""A change that the command line has asked for is not said to be made before it is."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from schemas.commands import BindWorkflow
from services.cli import workflow_change
from services.cli.running_stack import Reach
from services.common.errors import UnavailableError
from tests.builders import SPEC
from tests.integration.orchestrator.studio import open_studio
from tests.servers import NatsServer


async def test_another_ones_binding_is_not_taken_for_ours(
    postgres_url: str, nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command means that workflow already, but who may change it is what was asked for."""
    monkeypatch.setattr(workflow_change, "BIND_S", 0.3)
    async with open_studio(postgres_url, nats.url) as studio:
        await studio.open_shop()  # so that the catalogue has bound /f, and nobody works after the block
    place = Reach(nats_url=nats.urls["cli"], database_url=postgres_url)
    mine = BindWorkflow(command=SPEC.command, digest=SPEC.digest, by="operator")

    with pytest.raises(UnavailableError, match="has not bound /f yet"):
        await workflow_change.change(place, mine, Mock())

    theirs = BindWorkflow(command=SPEC.command, digest=SPEC.digest, by="catalogue")
    assert ("gpu",) == (await workflow_change.change(place, theirs, Mock())).able

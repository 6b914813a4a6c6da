"""The menu of commands follows what can be asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from services.ingress import offers
from tests import builders
from tests.botapi.api import BotApi
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_telegram.running import running
from tests.servers import NatsServer

MINE = replace(
    builders.EDIT_SPEC,
    command="invert",
    title="Invert",
    digest="9" * 64,
    takes_prompt=False,
    takes_negative=False,
    takes_seed=False,
    inputs_max=1,
    bounds={},
)


def offered(api: BotApi) -> dict[str, str]:
    """Telegram's menu."""
    return {one["command"]: one["description"] for menu in api.world.commands.values() for one in menu}


async def test_an_imported_workflow_is_on_the_menu_without_a_restart(
    nats: NatsServer,
    key_file: Path,
    api: BotApi,
    orchestrator: FakeOrchestrator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With what it takes; and it stays there while no machine can do it."""
    monkeypatch.setattr(offers, "_LOOK_EVERY_S", 0.05)
    async with running(nats, key_file, api):
        await api.until(lambda: offered(api))
        before = offered(api)
        orchestrator.workflows = (*orchestrator.workflows, MINE)
        await api.until(lambda: "invert" in offered(api))
        await api.until(lambda: len(api.calls("setMyCommands")) == 2)
        orchestrator.able = ()
        await orchestrator.until_asked(len(orchestrator.asked) + 3)

    assert "FLUX schnell: a picture from words · --seed --size --steps -n" == before["f"]
    assert "qwen" in before
    assert "invert" not in before
    assert "Invert: a changed picture from a picture" == offered(api)["invert"]
    assert 2 == len(api.calls("setMyCommands"))


async def test_a_menu_that_could_not_be_set_is_set_later(
    nats: NatsServer, key_file: Path, api: BotApi, orchestrator: FakeOrchestrator
) -> None:
    """Telegram was busy when the channel started."""
    api.faults.too_many_requests("setMyCommands", retry_after_s=1)
    async with running(nats, key_file, api):
        await api.until(lambda: "f" in offered(api))

    assert 2 == len(api.calls("setMyCommands"))
    assert orchestrator.asked

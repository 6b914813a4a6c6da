"""What can be asked for changes while a page is open, and the page learns of it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from services.ingress import offers
from tests import builders
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.visiting import Visit

MINE = replace(
    builders.EDIT_SPEC,
    command="invert",
    digest="9" * 64,
    takes_prompt=False,
    takes_negative=False,
    takes_seed=False,
    inputs_max=1,
    bounds={},
)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks often, so that a test need not wait."""
    monkeypatch.setattr(offers, "_LOOK_EVERY_S", 0.1)


async def test_an_imported_workflow_is_offered_without_a_restart(
    visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """With what it takes; and when no machine can do it any more, that is said."""
    async with visit.events() as stream:
        history = await stream.until("history")
        orchestrator.able = (*orchestrator.able, MINE.digest)
        orchestrator.workflows = (*orchestrator.workflows, MINE)
        grown = await stream.until("offer")
        while "/invert" not in [command["command"] for command in grown["commands"]]:
            grown = await stream.until("offer")
        orchestrator.able = ()
        gone = await stream.until("offer")

    (invert,) = [command for command in grown["commands"] if command["command"] == "/invert"]
    assert "/invert" not in [command["command"] for command in history["offer"]["commands"]]
    assert (True, False, "a changed picture from a picture") == (
        invert["able"],
        invert["words"],
        invert["hint"],
    )
    assert [False] * 3 == [c["able"] for c in gone["commands"] if c["kind"] != "talk"]


async def test_what_has_not_changed_is_not_told(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """After the history the next event is the next thing that happens, however often one looks."""
    entry = orchestrator.entry(visit.session_id)
    async with visit.events() as stream:
        await stream.until("history")
        looked = len(orchestrator.asked)
        await orchestrator.until_asked(looked + 3)
        await orchestrator.show(entry)
        event = await stream.next()

    assert event is not None
    assert "entry" == event[0]

"""Buttons: what they mean, and that whose entry they stand under makes no difference to the answer."""

from __future__ import annotations

from uuid import uuid4

import pytest

from schemas.commands import CancelJob, RepeatJob, SelectImage, Target
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.visiting import Visit, Visiting


@pytest.mark.parametrize(
    ("action", "kind"),
    [("cancel", CancelJob), ("again", RepeatJob), ("vary", RepeatJob), ("use", SelectImage)],
)
async def test_a_press_becomes_its_command(
    visit: Visit, orchestrator: FakeOrchestrator, action: str, kind: type
) -> None:
    """Each button names the job it stands under."""
    entry = uuid4()
    response = await visit.press(entry=str(entry), action=action)
    command = await orchestrator.next(kind)

    assert 202 == response.status
    assert Target(job_id=entry) == command.target
    assert action != "vary" or command.vary


async def test_using_a_picture_names_the_picture(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """With several pictures under an entry, ``use`` means the one that was pressed."""
    image = uuid4()
    await visit.press(action="use", image=str(image))
    command = await orchestrator.next(SelectImage)

    assert Target(image_id=image) == command.target


async def test_pressing_again_under_the_same_id_is_one_command(
    visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """A press that may not have arrived goes out again: it counts once."""
    press = {"id": str(uuid4()), "entry": str(uuid4()), "action": "again"}
    first, second = await visit.press(**press), await visit.press(**press)
    await visit.press(action="cancel")
    await orchestrator.next(CancelJob)

    assert first.json() == second.json()
    assert 1 == len(orchestrator.all(RepeatJob))


async def test_another_sessions_entry_is_refused_like_one_that_never_was(
    visit: Visit, visiting: Visiting, orchestrator: FakeOrchestrator
) -> None:
    """The answer tells nothing, and the command speaks for the session that pressed, never for the other."""
    other = await visiting()
    await visit.say("/f a cat")
    theirs, nobodys = await other.press(entry=str(uuid4())), await other.press(entry=str(uuid4()))
    await orchestrator.next(CancelJob, 2)

    assert (theirs.status, set(theirs.json())) == (nobodys.status, set(nobodys.json()))
    assert {other.session_id} == {command.session.session_id for command in orchestrator.all(CancelJob)}


@pytest.mark.parametrize(
    "changed", [{"action": "delete"}, {"id": "7"}, {"entry": ""}, {"image": "../x"}], ids=str
)
async def test_a_press_that_no_page_makes_is_refused(visit: Visit, changed: dict[str, str]) -> None:
    """An unknown action and ids that are none."""
    response = await visit.press(**changed)

    assert (400, "bad-request") == (response.status, response.json()["code"])


async def test_a_press_is_json_and_small(visit: Visit) -> None:
    """A form, which any page could send, is refused; so is what is far too long."""
    form = await visit.post("/press", data={"id": "1"})
    long = await visit.press(action="x" * 100_000)

    assert [415, 413] == [form.status, long.status]

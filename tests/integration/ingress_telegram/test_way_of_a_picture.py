"""From a message to its picture, and on from there."""

from __future__ import annotations

import pytest

from schemas.commands import (
    CancelJob,
    RepeatJob,
    ReportOutcomeShown,
    ReportStatusShown,
    RequestRender,
)
from schemas.private import MessageAddress
from tests.botapi.api import BotApi
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_telegram.painting import painted

pytestmark = pytest.mark.usefixtures("service")

ANN = 1001


async def test_status_becomes_the_picture(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """One message answers a command: queued, rendering, then the picture itself with its buttons."""
    asked = api.user_says(ANN, "/f an astronaut --seed 7")
    command = await orchestrator.next(RequestRender)

    await orchestrator.show(orchestrator.entry_for(command, position=2, eta_s=20.0))
    await api.until(lambda: api.from_bot(ANN))
    message = api.from_bot(ANN)[0]

    assert "Queued, 2nd in line, about 20 s." == message.text
    assert ["Cancel"] == message.labels
    assert asked == message.reply_to.message_id

    shown = await orchestrator.next(ReportStatusShown)
    (picture,) = await painted(orchestrator, command, "crimson")
    done = orchestrator.entry_for(command, status="done", version=3, pictures=(picture,), simulated=True)
    await orchestrator.show(done)
    await api.until(lambda: message.kind == "photo")
    outcome = await orchestrator.next(ReportOutcomeShown)

    assert [message] == api.from_bot(ANN)
    assert "/f · seed 7 · 640\u00d7480 · simulated, no model" == message.caption
    assert ["Another one"] == message.labels
    assert command.job_id == shown.job_id == outcome.job_id


async def test_command_carries_what_was_said(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """The orchestrator gets words, parameters and the message to answer, the private part sealed."""
    asked = api.user_says(ANN, "/f an astronaut —seed 7 --size 512\u00d7768")
    command = await orchestrator.next(RequestRender)
    secrets = orchestrator.secrets(command)

    assert ("f", 7, 512, 768) == (
        command.command,
        command.params.seed,
        command.params.width_px,
        command.params.height_px,
    )
    assert "an astronaut" == secrets.words.prompt
    assert MessageAddress(chat_id=ANN, message_id=asked) == secrets.asked_in


async def test_reply_to_a_picture_names_it(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """An edit in answer to a picture points at the message that the status report has named."""
    api.user_says(ANN, "/f an astronaut")
    first = await orchestrator.next(RequestRender)
    (picture,) = await painted(orchestrator, first, "teal")
    await orchestrator.show(orchestrator.entry_for(first, status="done", version=2, pictures=(picture,)))
    await api.until(lambda: api.from_bot(ANN) and api.from_bot(ANN)[0].kind == "photo")
    shown = await orchestrator.next(ReportStatusShown)

    api.user_says(ANN, "/qwen make it night", reply_to=api.from_bot(ANN)[0].message_id)
    edit = await orchestrator.next(RequestRender, 2)

    assert shown.message_ref == edit.target.message_ref


async def test_each_further_picture_has_a_message_that_names_it(
    api: BotApi, orchestrator: FakeOrchestrator
) -> None:
    """Of three pictures each is shown once, and a reply to the third means the third."""
    api.user_says(ANN, "/f an astronaut -n 3")
    command = await orchestrator.next(RequestRender)
    pictures = await painted(orchestrator, command, "red", "green", "blue")
    done = orchestrator.entry_for(command, status="done", version=2, pictures=pictures)
    await orchestrator.show(done)
    await api.until(lambda: [m.kind for m in api.from_bot(ANN)] == ["photo"] * 3)
    await orchestrator.next(ReportOutcomeShown)
    await orchestrator.show(done)

    api.user_says(ANN, "/qwen make it night", reply_to=api.from_bot(ANN)[2].message_id)
    edit = await orchestrator.next(RequestRender, 2)

    assert pictures[2].image_id == edit.target.image_id
    assert 3 == len(api.from_bot(ANN))


async def test_buttons_mean_their_job(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """A button names the job it stands under, and its clock stops."""
    api.user_says(ANN, "/f an astronaut")
    command = await orchestrator.next(RequestRender)
    await orchestrator.show(orchestrator.entry_for(command))
    await api.until(lambda: api.from_bot(ANN))
    message = api.from_bot(ANN)[0]

    query_id = api.user_presses(ANN, message.message_id, "Cancel")
    cancel = await orchestrator.next(CancelJob)
    await api.until(lambda: api.press(query_id).answer is not None)

    assert command.job_id == cancel.target.job_id

    pictures = await painted(orchestrator, command, "teal")
    await orchestrator.show(orchestrator.entry_for(command, status="done", version=2, pictures=pictures))
    await api.until(lambda: message.kind == "photo")
    for number in (1, 2):
        api.user_presses(ANN, message.message_id, "Another one")
        vary = await orchestrator.next(RepeatJob, number)
        assert vary.vary
        assert command.job_id == vary.target.job_id != vary.job_id
    await api.until(lambda: not api.unanswered)


async def test_a_press_whose_answer_gets_lost_does_what_it_says_at_once(
    api: BotApi, orchestrator: FakeOrchestrator
) -> None:
    """The command does not wait until Telegram takes the answer, and the answer is given again."""
    api.user_says(ANN, "/f an astronaut")
    command = await orchestrator.next(RequestRender)
    await orchestrator.show(orchestrator.entry_for(command))
    await api.until(lambda: api.from_bot(ANN))

    api.faults.too_many_requests("answerCallbackQuery", retry_after_s=2)
    query_id = api.user_presses(ANN, api.from_bot(ANN)[0].message_id, "Cancel")
    cancel = await orchestrator.next(CancelJob)

    assert command.job_id == cancel.target.job_id
    assert api.press(query_id).answer is None
    await api.until(lambda: api.press(query_id).answer is not None)


async def test_progress_moves_a_bar(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """A running job's message shows how far it is, and keeps its button."""
    api.user_says(ANN, "/f an astronaut")
    command = await orchestrator.next(RequestRender)
    running = orchestrator.entry_for(command, status="running")
    await orchestrator.show(running)
    await api.until(lambda: api.from_bot(ANN))
    await orchestrator.progress(running, 42.0)
    message = api.from_bot(ANN)[0]

    await api.until(lambda: "42 %" in message.text)

    assert "Rendering…\n▰▰▰▰▱▱▱▱▱▱ 42 %  Sampler, step 3 of 4" == message.text
    assert ["Cancel"] == message.labels


async def test_failure_says_why(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """A failed job's message ends in one sentence, and can be tried again."""
    api.user_says(ANN, "/f an astronaut")
    command = await orchestrator.next(RequestRender)
    await orchestrator.show(orchestrator.entry_for(command))
    await api.until(lambda: api.from_bot(ANN))
    details = {"model": "flux1-schnell.safetensors", "backend": "gpu"}
    await orchestrator.show(
        orchestrator.entry_for(command, status="failed", version=2, code="missing-model", details=details)
    )
    await orchestrator.next(ReportOutcomeShown)
    message = api.from_bot(ANN)[0]

    assert "flux1-schnell.safetensors" in message.text
    assert ["Try again"] == message.labels

"""A reply may come twice, late, elsewhere, or while Telegram fails: it is shown once all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.commands import ReportMediaMissing, ReportOutcomeShown, ReportStatusShown, RequestRender
from schemas.replies import Entry
from tests.botapi.api import BotApi
from tests.botapi.messages import Message
from tests.botapi.pictures import image_bytes, video_bytes
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress.running import Running
from tests.integration.ingress_telegram.painting import SIZE_PX, painted
from tests.integration.ingress_telegram.running import process, running
from tests.servers import NatsServer

ANN = 1001


async def asked(api: BotApi, orchestrator: FakeOrchestrator) -> tuple[RequestRender, Message]:
    """A job that is queued and shown."""
    api.user_says(ANN, "/f an astronaut")
    command = await orchestrator.next(RequestRender)
    await orchestrator.show(orchestrator.entry_for(command))
    await orchestrator.next(ReportStatusShown)
    return command, api.from_bot(ANN)[0]


async def done(orchestrator: FakeOrchestrator, command: RequestRender, version: int = 5) -> Entry:
    """That job, with its picture."""
    pictures = await painted(orchestrator, command, "teal")
    return orchestrator.entry_for(command, status="done", version=version, pictures=pictures)


@pytest.mark.usefixtures("service")
async def test_result_delivered_twice(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """The same result again changes nothing in the chat."""
    command, message = await asked(api, orchestrator)
    result = await done(orchestrator, command)
    await orchestrator.show(result)
    await orchestrator.next(ReportOutcomeShown)
    edits = message.edits
    await orchestrator.show(result)
    api.user_says(ANN, "/f another")
    await orchestrator.show(orchestrator.entry_for(await orchestrator.next(RequestRender, 2)))
    await api.until(lambda: len(api.from_bot(ANN)) == 2)

    assert edits == message.edits


async def test_another_process_knows_what_is_shown(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path
) -> None:
    """After a restart the result goes into the message that the first process sent."""
    async with process(nats, key_file, api) as first:
        command, message = await asked(api, orchestrator)
        first.kill()
    async with running(nats, key_file, api):
        await orchestrator.show(await done(orchestrator, command))
        await orchestrator.next(ReportOutcomeShown)

    assert [message] == api.from_bot(ANN)
    assert "photo" == message.kind


async def test_late_status_is_not_put_over_an_ending(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path
) -> None:
    """A status that comes after the failure was shown, even to another process, is passed over."""
    async with running(nats, key_file, api):
        command, message = await asked(api, orchestrator)
        await orchestrator.show(orchestrator.entry_for(command, status="failed", version=5, code="no-output"))
        await orchestrator.next(ReportOutcomeShown)
    ending = message.text
    async with running(nats, key_file, api):
        await orchestrator.show(orchestrator.entry_for(command, status="running", version=4))
        api.user_says(ANN, "/f another")
        await orchestrator.show(orchestrator.entry_for(await orchestrator.next(RequestRender, 2)))
        await api.until(lambda: len(api.from_bot(ANN)) == 2)

    assert ending == message.text


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "server_error", "too_many_requests"])
async def test_failed_edit_is_done_again(api: BotApi, orchestrator: FakeOrchestrator, fault: str) -> None:
    """However the edit into the picture fails, in the end there is one picture."""
    command, message = await asked(api, orchestrator)
    getattr(api.faults, fault)("editMessageMedia", times=2)
    await orchestrator.show(await done(orchestrator, command))
    await orchestrator.next(ReportOutcomeShown)

    assert [message] == api.from_bot(ANN)
    assert "photo" == message.kind
    assert 0 == api.faults.left


@pytest.mark.usefixtures("service")
async def test_deleted_status_costs_no_picture(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """When the person has deleted the status, the result is sent anew, once."""
    command, message = await asked(api, orchestrator)
    api.user_deletes(ANN, message.message_id)
    result = await done(orchestrator, command)
    await orchestrator.show(result)
    await orchestrator.next(ReportOutcomeShown)
    await orchestrator.show(result)
    api.user_says(ANN, "/f another")
    await orchestrator.show(orchestrator.entry_for(await orchestrator.next(RequestRender, 2)))
    await api.until(lambda: len(api.from_bot(ANN)) == 2)

    assert ["photo", "text"] == [message.kind for message in api.from_bot(ANN)]


@pytest.mark.usefixtures("service")
async def test_blocked_bot_counts_as_shown(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """Nobody is there to see it: the outcome is reported, so that it isn't due for ever."""
    command, _ = await asked(api, orchestrator)
    api.user_blocks(ANN)
    await orchestrator.show(await done(orchestrator, command))

    outcome = await orchestrator.next(ReportOutcomeShown)

    assert command.job_id == outcome.job_id


@pytest.mark.usefixtures("service")
async def test_lost_picture_is_asked_for_again(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """A picture that the store has lost is reported; the one made in its place is shown."""
    command, message = await asked(api, orchestrator)
    lost = await done(orchestrator, command)
    await orchestrator.store.delete(lost.pictures[0].media.media_id)
    await orchestrator.show(lost)
    missing = await orchestrator.next(ReportMediaMissing)

    assert (command.job_id, 1) == (missing.job_id, missing.attempt)
    assert "text" == message.kind

    await orchestrator.show(orchestrator.entry_for(command, version=6, attempt=2))
    await orchestrator.show(await done(orchestrator, command, version=9))
    await orchestrator.next(ReportOutcomeShown)

    assert "photo" == message.kind


@pytest.mark.usefixtures("service")
async def test_pictures_made_again_take_the_same_messages(
    api: BotApi, orchestrator: FakeOrchestrator
) -> None:
    """One of three is lost after two were shown: in the end there are three, in three messages."""
    command, _ = await asked(api, orchestrator)
    first = await painted(orchestrator, command, "red", "green", "blue")
    await orchestrator.store.delete(first[2].media.media_id)
    broken = orchestrator.entry_for(command, status="done", version=5, pictures=first)
    await orchestrator.show(broken)
    await orchestrator.next(ReportMediaMissing)
    await orchestrator.show(broken)
    await api.until(lambda: len(api.calls("editMessageMedia")) == 3)
    second = await painted(orchestrator, command, "pink", "lime", "navy")
    await orchestrator.show(
        orchestrator.entry_for(command, status="done", version=9, attempt=2, pictures=second)
    )
    await orchestrator.next(ReportOutcomeShown)

    assert ["photo"] * 3 == [message.kind for message in api.from_bot(ANN)]
    assert [image_bytes(SIZE_PX, colour) for colour in ("pink", "lime", "navy")] == [
        message.data for message in api.from_bot(ANN)
    ]
    assert 6 == len(api.calls("editMessageMedia"))


@pytest.mark.usefixtures("service")
async def test_what_is_no_photo_goes_as_a_file(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """A picture too long for a photo becomes a document, a film a video."""
    command, message = await asked(api, orchestrator)
    session_id = command.session.session_id
    banner = await orchestrator.keep(session_id, image_bytes((2100, 100)), width_px=2100, height_px=100)
    film = await orchestrator.keep(
        session_id, video_bytes(), mime="video/mp4", width_px=64, height_px=48, duration_s=1.0
    )
    result = orchestrator.entry_for(command, status="done", version=5, pictures=(banner, film))
    await orchestrator.show(result)
    await orchestrator.next(ReportOutcomeShown)

    assert ["document", "video"] == [message.kind for message in api.from_bot(ANN)]
    assert image_bytes((2100, 100)) == message.data


async def test_statuses_come_no_faster_than_people_read(
    api: BotApi, orchestrator: FakeOrchestrator, service: Running
) -> None:
    """Of many states in a moment only the first and the newest are shown."""
    command, message = await asked(api, orchestrator)
    for version in range(2, 30):
        await orchestrator.show(orchestrator.entry_for(command, version=version, position=30 - version))
    await api.until(lambda: "1st in line" in message.text)

    assert message.edits <= 3

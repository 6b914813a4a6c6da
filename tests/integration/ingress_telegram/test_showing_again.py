"""A reply may come twice, late, elsewhere, or while Telegram fails: it is shown once all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.commands import ReportMediaMissing, ReportOutcomeShown, ReportStatusShown, RequestRender
from schemas.replies import Entry
from tests.botapi.api import BotApi
from tests.botapi.messages import Message
from tests.botapi.pictures import image_bytes, video_bytes
from tests.integration.ingress_telegram.running import Running, process, running
from tests.integration.ingress_telegram.studio import Studio
from tests.servers import NatsServer

ANN = 1001


async def asked(api: BotApi, studio: Studio) -> tuple[RequestRender, Message]:
    """A job that is queued and shown."""
    api.user_says(ANN, "/f an astronaut")
    command = await studio.next(RequestRender)
    await studio.show(studio.entry(command))
    await studio.next(ReportStatusShown)
    return command, api.from_bot(ANN)[0]


async def done(studio: Studio, command: RequestRender, version: int = 5) -> Entry:
    """That job, with its picture."""
    return studio.entry(command, status="done", version=version, pictures=(await studio.picture(),))


@pytest.mark.usefixtures("service")
async def test_result_delivered_twice(api: BotApi, studio: Studio) -> None:
    """The same result again changes nothing in the chat."""
    command, message = await asked(api, studio)
    result = await done(studio, command)
    await studio.show(result)
    await studio.next(ReportOutcomeShown)
    edits = message.edits
    await studio.show(result)
    api.user_says(ANN, "/f another")
    await studio.show(studio.entry(await studio.next(RequestRender, 2)))
    await api.until(lambda: len(api.from_bot(ANN)) == 2)

    assert edits == message.edits


async def test_another_process_knows_what_is_shown(
    api: BotApi, studio: Studio, nats: NatsServer, key_file: Path
) -> None:
    """After a restart the result goes into the message that the first process sent."""
    async with process(nats.urls["ingress-telegram"], key_file, api) as first:
        command, message = await asked(api, studio)
        first.kill()
    async with running(nats.urls["ingress-telegram"], key_file, api):
        await studio.show(await done(studio, command))
        await studio.next(ReportOutcomeShown)

    assert [message] == api.from_bot(ANN)
    assert "photo" == message.kind


async def test_late_status_is_not_put_over_an_ending(
    api: BotApi, studio: Studio, nats: NatsServer, key_file: Path
) -> None:
    """A status that comes after the failure was shown, even to another process, is passed over."""
    async with running(nats.urls["ingress-telegram"], key_file, api):
        command, message = await asked(api, studio)
        await studio.show(studio.entry(command, status="failed", version=5, code="no-output"))
        await studio.next(ReportOutcomeShown)
    ending = message.text
    async with running(nats.urls["ingress-telegram"], key_file, api):
        await studio.show(studio.entry(command, status="running", version=4))
        api.user_says(ANN, "/f another")
        await studio.show(studio.entry(await studio.next(RequestRender, 2)))
        await api.until(lambda: len(api.from_bot(ANN)) == 2)

    assert ending == message.text


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "server_error", "too_many_requests"])
async def test_failed_edit_is_done_again(api: BotApi, studio: Studio, fault: str) -> None:
    """However the edit into the picture fails, in the end there is one picture."""
    command, message = await asked(api, studio)
    getattr(api.faults, fault)("editMessageMedia", times=2)
    await studio.show(await done(studio, command))
    await studio.next(ReportOutcomeShown)

    assert [message] == api.from_bot(ANN)
    assert "photo" == message.kind
    assert 0 == api.faults.left


@pytest.mark.usefixtures("service")
async def test_deleted_status_costs_no_picture(api: BotApi, studio: Studio) -> None:
    """When the person has deleted the status, the result is sent anew, once."""
    command, message = await asked(api, studio)
    api.user_deletes(ANN, message.message_id)
    result = await done(studio, command)
    await studio.show(result)
    await studio.next(ReportOutcomeShown)
    await studio.show(result)
    api.user_says(ANN, "/f another")
    await studio.show(studio.entry(await studio.next(RequestRender, 2)))
    await api.until(lambda: len(api.from_bot(ANN)) == 2)

    assert ["photo", "text"] == [message.kind for message in api.from_bot(ANN)]


@pytest.mark.usefixtures("service")
async def test_blocked_bot_counts_as_shown(api: BotApi, studio: Studio) -> None:
    """Nobody is there to see it: the outcome is reported, so that it isn't due for ever."""
    command, _ = await asked(api, studio)
    api.user_blocks(ANN)
    await studio.show(await done(studio, command))

    outcome = await studio.next(ReportOutcomeShown)

    assert command.job_id == outcome.job_id


@pytest.mark.usefixtures("service")
async def test_lost_picture_is_asked_for_again(api: BotApi, studio: Studio) -> None:
    """A picture that the store has lost is reported; the one made in its place is shown."""
    command, message = await asked(api, studio)
    lost = await done(studio, command)
    await studio.store.delete(lost.pictures[0].media.media_id)
    await studio.show(lost)
    missing = await studio.next(ReportMediaMissing)

    assert (command.job_id, 1) == (missing.job_id, missing.attempt)
    assert "text" == message.kind

    await studio.show(studio.entry(command, version=6, attempt=2))
    await studio.show(await done(studio, command, version=9))
    await studio.next(ReportOutcomeShown)

    assert "photo" == message.kind


@pytest.mark.usefixtures("service")
async def test_pictures_made_again_take_the_same_messages(api: BotApi, studio: Studio) -> None:
    """One of three is lost after two were shown: in the end there are three, in three messages."""
    command, _ = await asked(api, studio)
    first = tuple([await studio.picture(colour) for colour in ("red", "green", "blue")])
    await studio.store.delete(first[2].media.media_id)
    broken = studio.entry(command, status="done", version=5, pictures=first)
    await studio.show(broken)
    await studio.next(ReportMediaMissing)
    await studio.show(broken)
    await api.until(lambda: len(api.calls("editMessageMedia")) == 3)
    second = tuple([await studio.picture(colour) for colour in ("pink", "lime", "navy")])
    await studio.show(studio.entry(command, status="done", version=9, attempt=2, pictures=second))
    await studio.next(ReportOutcomeShown)

    assert ["photo"] * 3 == [message.kind for message in api.from_bot(ANN)]
    assert [image_bytes((640, 480), colour) for colour in ("pink", "lime", "navy")] == [
        message.data for message in api.from_bot(ANN)
    ]
    assert 6 == len(api.calls("editMessageMedia"))


@pytest.mark.usefixtures("service")
async def test_what_is_no_photo_goes_as_a_file(api: BotApi, studio: Studio) -> None:
    """A picture too long for a photo becomes a document, a film a video."""
    command, message = await asked(api, studio)
    banner = await studio.picture(data=image_bytes((2100, 100)), width_px=2100, height_px=100)
    film = await studio.picture(
        data=video_bytes(), mime="video/mp4", width_px=64, height_px=48, duration_s=1.0
    )
    result = studio.entry(command, status="done", version=5, pictures=(banner, film))
    await studio.show(result)
    await studio.next(ReportOutcomeShown)

    assert ["document", "video"] == [message.kind for message in api.from_bot(ANN)]
    assert image_bytes((2100, 100)) == message.data


async def test_statuses_come_no_faster_than_people_read(
    api: BotApi, studio: Studio, service: Running
) -> None:
    """Of many states in a moment only the first and the newest are shown."""
    command, message = await asked(api, studio)
    for version in range(2, 30):
        await studio.show(studio.entry(command, version=version, position=30 - version))
    await api.until(lambda: "1st in line" in message.text)

    assert message.edits <= 3

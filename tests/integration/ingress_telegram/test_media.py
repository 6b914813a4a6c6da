"""Videos, moving pictures and sounds: each as what Telegram plays, and none lost without a word."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from schemas.commands import ReportOutcomeShown, RequestRender
from schemas.replies import Picture
from tests.botapi.api import BotApi
from tests.botapi.pictures import film_bytes, image_bytes, moving_bytes, sound_bytes
from tests.botapi.server import running_bot_api
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_telegram.running import running
from tests.servers import NatsServer

ANN = 1001
FILM: dict[str, Any] = {"mime": "video/mp4", "width_px": 320, "height_px": 192, "duration_s": 2.04}
SOUND: dict[str, Any] = {"width_px": 0, "height_px": 0, "duration_s": 2.0}
POSTER = image_bytes((320, 192), "gold", encoding="JPEG")


async def film(orchestrator: FakeOrchestrator, command: RequestRender, poster: bytes = POSTER) -> Picture:
    """A video of the session that asked."""
    return await orchestrator.keep(command.session.session_id, film_bytes(), poster=poster, **FILM)


async def asked(api: BotApi, orchestrator: FakeOrchestrator) -> RequestRender:
    """A job of Ann's, which is shown."""
    api.user_says(ANN, "/wan a goose")
    command = await orchestrator.next(RequestRender)
    await orchestrator.show(orchestrator.entry_for(command))
    await api.until(lambda: api.from_bot(ANN))
    return command


async def done(orchestrator: FakeOrchestrator, command: RequestRender, *pictures: Picture) -> None:
    """It is done, and that was shown."""
    await orchestrator.show(orchestrator.entry_for(command, status="done", version=5, pictures=pictures))
    await orchestrator.next(ReportOutcomeShown)


@pytest.mark.usefixtures("service")
async def test_status_becomes_the_video(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """With its measures, which the server checks, and its poster as a small JPEG."""
    command = await asked(api, orchestrator)
    await done(orchestrator, command, await film(orchestrator, command))
    (message,) = api.from_bot(ANN)
    media = message.content.media

    assert ("video", film_bytes()) == (message.kind, message.data)
    assert "/wan · seed 7 · 320\u00d7192 · 2 s" == message.caption
    assert media is not None
    with Image.open(io.BytesIO(media.thumbnail)) as thumbnail:
        assert ("JPEG", (320, 192)) == (thumbnail.format, thumbnail.size)
    (edit,) = api.calls("editMessageMedia")
    assert edit.args["media"]["supports_streaming"]


@pytest.mark.usefixtures("service")
async def test_a_video_is_shown_though_its_poster_is_lost(
    api: BotApi, orchestrator: FakeOrchestrator
) -> None:
    """No GPU renders it again for the sake of a thumbnail."""
    command = await asked(api, orchestrator)
    clip = await film(orchestrator, command)
    assert clip.media.poster is not None
    await orchestrator.store.delete(clip.media.poster.media_id)
    await done(orchestrator, command, clip)
    media = api.from_bot(ANN)[0].content.media

    assert media is not None
    assert ("video", b"") == (media.kind, media.thumbnail)


@pytest.mark.usefixtures("service")
async def test_every_kind_as_what_it_is(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """Several of them, each in a message of its own: no album holds them together."""
    command = await asked(api, orchestrator)
    here = command.session.session_id
    moving: dict[str, Any] = {"animated": True, "width_px": 96, "height_px": 64}
    await done(
        orchestrator,
        command,
        await film(orchestrator, command),
        await orchestrator.keep(here, moving_bytes("GIF"), mime="image/gif", **moving),
        await orchestrator.keep(here, moving_bytes("WEBP"), mime="image/webp", **moving),
        await orchestrator.keep(here, sound_bytes(), mime="audio/mpeg", **SOUND),
        await orchestrator.keep(here, sound_bytes("flac"), mime="audio/flac", **SOUND),
        await orchestrator.keep(here, image_bytes((10_001, 64)), width_px=10_001, height_px=64),
    )
    shown = [(message.kind, message.content.media) for message in api.from_bot(ANN)]

    assert ["video", "animation", "document", "audio", "document", "document"] == [kind for kind, _ in shown]
    assert ["darkroom.webp", "darkroom.mp3", "darkroom.flac", "darkroom.png"] == [
        media.file_name for _, media in shown[2:] if media
    ]


@pytest.mark.parametrize("poster", [POSTER, b""], ids=["poster", "no poster"])
async def test_what_is_too_large_is_not_lost_without_a_word(
    nats: NatsServer, key_file: Path, orchestrator: FakeOrchestrator, poster: bytes
) -> None:
    """That it is done, how large it is, what to do about it; and at least its poster, if it has one."""
    async with running_bot_api(upload_limit_bytes=len(film_bytes()) - 1) as api, running(nats, key_file, api):
        command = await asked(api, orchestrator)
        await done(orchestrator, command, await film(orchestrator, command, poster))
        (message,) = api.from_bot(ANN)
        said = message.caption or message.text

        assert ("photo" if poster else "text") == message.kind
        assert said.startswith("It is done, but its 1 MB are more than Telegram carries from a bot.")
        assert "Bot API server of their own" in said
        assert ["Another one"] == message.labels
        api.assert_clean()

"""Videos: their posters are found beside them, and they are not edited as if they were pictures."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from uuid import UUID

import pytest
from msgspec.structs import replace

from schemas.commands import SessionRef
from schemas.media import StillRef
from schemas.private import MediaKeys
from schemas.queries import AskMedia, MediaFound, NotFound
from services.common.seal import seal_struct, unseal
from tests.builders import uuid
from tests.integration.orchestrator.studio import KEYRING, Studio, open_studio, speaker, success

VIDEO_KEY, POSTER_KEY = b"v" * 32, b"p" * 32
POSTER = StillRef(
    media_id=uuid(811), sealed_sha256="c" * 64, size_bytes=9, mime="image/jpeg", width_px=64, height_px=48
)


@pytest.fixture
async def studio(postgres_url: str, nats_url: str) -> AsyncGenerator[Studio]:
    async with open_studio(postgres_url, nats_url) as opened:
        await opened.open_shop()
        yield opened


async def filmed(studio: Studio, ref: SessionRef) -> UUID:
    """A video of this session; returns its id."""
    job_id = await studio.ask_picture(ref)
    order = await studio.attempt()
    fact = success(order)
    video = replace(fact.images[0], mime="video/mp4", duration_s=5.0, poster=POSTER)
    keys = MediaKeys(keys={video.media_id: VIDEO_KEY, POSTER.media_id: POSTER_KEY})
    private = seal_struct(KEYRING.transport, keys, order.job_id)
    await studio.report(replace(fact, images=(video,), private=private))
    return (await studio.entry(job_id, "done")).pictures[0].image_id


async def test_a_poster_opens_with_its_own_key(studio: Studio) -> None:
    """The log keeps both keys; only this session is told."""
    mine, other = speaker(1), speaker(2)
    image_id = await filmed(studio, mine)
    ask = AskMedia(session_id=mine.session_id, image_id=image_id)
    video = await studio.ask("channel", ask)
    poster = await studio.ask("channel", replace(ask, poster=True))

    assert isinstance(video, MediaFound)
    assert isinstance(poster, MediaFound)
    assert ("video/mp4", 5.0, POSTER) == (video.media.mime, video.media.duration_s, video.media.poster)
    assert VIDEO_KEY == unseal(KEYRING.transport, video.private, video.media.media_id)
    assert (POSTER.media_id, "image/jpeg", None) == (
        poster.media.media_id,
        poster.media.mime,
        poster.media.poster,
    )
    assert POSTER_KEY == unseal(KEYRING.transport, poster.private, POSTER.media_id)
    others = replace(ask, session_id=other.session_id, poster=True)
    assert NotFound() == await studio.ask("channel", others)


async def test_an_edit_of_a_video_is_refused(studio: Studio) -> None:
    """The latest thing made is what an edit means, and this one does not stand still."""
    me = speaker()
    await filmed(studio, me)
    edit = await studio.ask_picture(me, "make it night", command="qwen")

    answer = await studio.entry(edit, "answered")
    assert ("needs-still-picture", "qwen") == (answer.code, answer.details["command"])

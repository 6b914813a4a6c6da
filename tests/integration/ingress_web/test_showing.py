"""Media: handed to whose session they belong, and to nobody else; whole or in parts."""

from __future__ import annotations

from uuid import uuid4

import pytest

from schemas.commands import Ask
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.visiting import Visit, Visiting, png


async def test_a_picture_is_shown_to_its_own_session(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """Its bytes, as what it is, for the browser to keep."""
    image = (await orchestrator.keep(visit.session_id, png())).image_id
    response = await visit.get(f"/media/{image}")

    assert 200 == response.status
    assert png() == response.body
    assert "image/png" == response.headers["Content-Type"]
    assert "private, max-age=31536000, immutable" == response.headers["Cache-Control"]
    assert f'inline; filename="darkroom-{str(image)[:8]}.png"' == response.headers["Content-Disposition"]


async def test_a_download_has_a_name_that_says_nothing(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """``?download=1`` saves it under the beginning of its id."""
    image = (await orchestrator.keep(visit.session_id, png(), mime="video/mp4")).image_id
    response = await visit.get(f"/media/{image}?download=1")

    assert f'attachment; filename="darkroom-{str(image)[:8]}.mp4"' == response.headers["Content-Disposition"]


async def test_another_sessions_picture_is_like_one_that_never_was(
    visit: Visit, visiting: Visiting, orchestrator: FakeOrchestrator
) -> None:
    """The same status, headers and words, whether it is someone else's, nobody's, or no id at all."""
    image = (await orchestrator.keep(visit.session_id, png())).image_id
    other = await visiting()
    answers = [await other.get(f"/media/{name}") for name in (image, uuid4(), "nonsense")]
    same = [
        (answer.status, answer.body, sorted(set(answer.headers.items()) - {("Date", answer.headers["Date"])}))
        for answer in answers
    ]

    assert 404 == answers[0].status
    assert [same[0]] * 3 == same


async def test_without_a_cookie_there_is_no_picture(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """An address alone opens nothing."""
    image = (await orchestrator.keep(visit.session_id, png())).image_id
    visit.http.cookie_jar.clear()

    assert 401 == (await visit.get(f"/media/{image}")).status


async def test_what_the_browser_has_is_not_sent_again(
    visit: Visit, visiting: Visiting, orchestrator: FakeOrchestrator
) -> None:
    """304 for its own session; another session learns nothing from knowing the ETag."""
    image = (await orchestrator.keep(visit.session_id, png())).image_id
    etag = {"If-None-Match": (await visit.get(f"/media/{image}")).headers["ETag"]}
    other = await visiting()

    assert 304 == (await visit.get(f"/media/{image}", headers=etag)).status
    assert 404 == (await other.get(f"/media/{image}", headers=etag)).status


async def test_a_player_gets_the_part_it_asks_for(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """206 with the bytes and where they lie; 416 beyond the end; all of it when the Range is nonsense."""
    data = bytes(range(256)) * 1000
    image = (await orchestrator.keep(visit.session_id, data, mime="video/mp4")).image_id

    async def part(wanted: str, **more: str) -> tuple[int, str | None, bytes]:
        response = await visit.get(f"/media/{image}", headers={"Range": wanted, **more})
        return response.status, response.headers.get("Content-Range"), response.body

    assert (206, "bytes 10-19/256000", data[10:20]) == await part("bytes=10-19")
    assert (206, "bytes 255990-255999/256000", data[-10:]) == await part("bytes=-10")
    assert (206, "bytes 255000-255999/256000", data[255000:]) == await part("bytes=255000-")
    assert (416, "bytes */256000", b"") == await part("bytes=256000-")
    assert (200, None, data) == await part("bytes=20-10")
    assert (200, None, data) == await part("bytes=0-9", **{"If-Range": '"other"'})


async def test_a_video_has_a_poster_of_its_own(
    visit: Visit, visiting: Visiting, orchestrator: FakeOrchestrator
) -> None:
    """Under the same address and a mark of its own, for the same session only; a picture has none."""
    film = await orchestrator.keep(visit.session_id, b"film", mime="video/mp4", poster=png(32, 32))
    still = await orchestrator.keep(visit.session_id, png())
    whole = await visit.get(f"/media/{film.image_id}")
    poster = await visit.get(f"/media/{film.image_id}?poster")
    again = await visit.get(
        f"/media/{film.image_id}?poster", headers={"If-None-Match": poster.headers["ETag"]}
    )

    assert (200, b"film", 200, png(32, 32)) == (whole.status, whole.body, poster.status, poster.body)
    assert "image/jpeg" == poster.headers["Content-Type"]
    assert whole.headers["ETag"] != poster.headers["ETag"]
    assert 304 == again.status
    assert 404 == (await visit.get(f"/media/{still.image_id}?poster")).status
    assert 404 == (await (await visiting()).get(f"/media/{film.image_id}?poster")).status


@pytest.mark.parametrize(
    ("mime", "ending"),
    [("audio/mpeg", "mp3"), ("audio/flac", "flac"), ("image/apng", "png"), ("video/webm", "webm")],
)
async def test_every_kind_is_what_it_is(
    visit: Visit, orchestrator: FakeOrchestrator, mime: str, ending: str
) -> None:
    """To play and to keep."""
    image = (await orchestrator.keep(visit.session_id, b"anything", mime=mime)).image_id
    played = await visit.get(f"/media/{image}")
    kept = await visit.get(f"/media/{image}?download=1")

    assert (mime, "inline") == (
        played.headers["Content-Type"],
        played.headers["Content-Disposition"].partition(";")[0],
    )
    assert f'attachment; filename="darkroom-{str(image)[:8]}.{ending}"' == kept.headers["Content-Disposition"]


async def test_what_could_be_a_page_is_never_shown_as_one(
    visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """A type outside the list is a download of bytes."""
    image = (await orchestrator.keep(visit.session_id, b"<script>", mime="text/html")).image_id
    response = await visit.get(f"/media/{image}")

    assert "application/octet-stream" == response.headers["Content-Type"]
    assert response.headers["Content-Disposition"].startswith("attachment;")


async def test_a_picture_that_the_store_lost_is_not_found(
    visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """404 with a sentence, and nothing else: looking at a picture has never one made again."""
    lost = await orchestrator.keep(visit.session_id, png())
    await orchestrator.store.delete(lost.media.media_id)
    response = await visit.get(f"/media/{lost.image_id}")
    await visit.say("/privacy")
    await orchestrator.next(Ask)

    assert 404 == response.status
    assert {"code": "not-found", "error": "There is no such picture here."} == response.json()
    assert [Ask] == [type(command) for command in orchestrator.heard]

"""The picture as it grows: for the page of the session that asked, and kept nowhere."""

from __future__ import annotations

import base64

from services.ingress.web.preview import MOST_BYTES
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.visiting import Visit, Visiting

JPEG = b"\xff\xd8\xff\xe0 a picture that grows"


async def test_a_preview_goes_to_its_own_session_only(
    visit: Visit, visiting: Visiting, orchestrator: FakeOrchestrator
) -> None:
    """Opened for the page that asked; another page hears nothing before its own next entry."""
    other = await visiting()
    running = orchestrator.entry(visit.session_id, status="running")
    theirs = orchestrator.entry(other.session_id)
    async with visit.events() as mine, other.events() as others:
        await mine.until("history")
        await others.until("history")
        await orchestrator.progress(running, 50.0, preview=JPEG)
        await orchestrator.show(theirs)
        seen = await mine.until("progress")
        heard = await others.next()

    assert heard is not None
    assert ("entry", str(theirs.entry_id)) == (heard[0], heard[1]["id"])
    assert JPEG == base64.b64decode(seen["preview"])


async def test_no_answer_is_cached_that_holds_a_preview(visit: Visit) -> None:
    """Neither by the browser nor by anybody on the way."""
    async with visit.events() as stream:
        assert "no-store" == stream.response.headers["Cache-Control"]


async def test_what_a_page_should_not_get_is_left_out(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """What is no JPEG, too large, or sealed for another job; the progress itself is told all the same."""
    running = orchestrator.entry(visit.session_id, status="running")
    other = orchestrator.entry(visit.session_id, status="running")
    moved = orchestrator.sealed(other, JPEG)
    async with visit.events() as stream:
        await stream.until("history")
        seen = []
        for preview in (b"<script>", JPEG + bytes(MOST_BYTES), JPEG):
            await orchestrator.progress(running, 50.0, preview=preview)
            seen.append(await stream.until("progress"))
        await orchestrator.progress(running, 50.0, sealed=moved)
        seen.append(await stream.until("progress"))

    assert [False, False, True, False] == [bool(progress["preview"]) for progress in seen]
    assert [50.0] * 4 == [progress["percent"] for progress in seen]

"""Replies: passed on to the page, and an outcome reported as shown, once."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from schemas import subjects
from schemas.commands import ReportAnswerShown, ReportOutcomeShown
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.running import WebChat, serving
from tests.integration.ingress_web.visiting import Visit
from tests.servers import NatsServer, eventually


@pytest.mark.parametrize("status", ["done", "failed", "cancelled"])
async def test_an_outcome_is_reported_as_shown(
    visit: Visit, orchestrator: FakeOrchestrator, status: str
) -> None:
    """Whether or not a page is open: it is there whenever one is."""
    entry = orchestrator.entry(visit.session_id, status=status, version=5)
    await orchestrator.show(entry)
    report = await orchestrator.next(ReportOutcomeShown)

    assert entry.entry_id == report.job_id


async def test_an_answer_is_reported_as_shown(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """With the session it was given to."""
    entry = orchestrator.entry(visit.session_id, status="answered", code="privacy")
    await orchestrator.show(entry)
    report = await orchestrator.next(ReportAnswerShown)

    assert (visit.session_id, entry.entry_id) == (report.session_id, report.entry_id)


async def test_a_reply_that_comes_twice_is_reported_once(
    visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """And what is still under way is not reported at all."""
    entry = orchestrator.entry(visit.session_id, status="done", version=5)
    await orchestrator.show(orchestrator.entry(visit.session_id, entry_id=entry.entry_id, status="running"))
    await orchestrator.show(entry)
    await orchestrator.show(entry)
    last = orchestrator.entry(visit.session_id, status="done")
    await orchestrator.show(last)

    async def reported() -> bool:
        return any(getattr(command, "job_id", None) == last.entry_id for command in orchestrator.heard)

    await eventually(reported)

    assert 2 == len(orchestrator.heard)


async def test_replies_are_taken_off_the_stream(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """Acknowledged once passed on; one that can't be read is put aside with its reason."""
    await orchestrator.show(orchestrator.entry(visit.session_id))
    await orchestrator.bus.publish_bytes(subjects.reply("web", uuid4()), b"nonsense", uuid4())
    jetstream = orchestrator.bus.jetstream

    async def emptied() -> bool:
        return (await jetstream.stream_info(subjects.REPLIES)).state.messages == 0

    await eventually(emptied)
    parked = await jetstream.get_last_msg(subjects.PARKED, subjects.parked("replies"))

    assert parked.headers is not None
    assert (b"nonsense", "unreadable") == (parked.data, parked.headers["Darkroom-Reason"])


async def test_any_process_shows_it(
    web: WebChat, visit: Visit, nats: NatsServer, orchestrator: FakeOrchestrator, key_file: Path
) -> None:
    """Of two processes, whichever takes a reply, the page hears of it."""
    entries = [orchestrator.entry(visit.session_id) for _ in range(10)]
    async with serving(nats, key_file) as second:
        await second.until_ready()
        async with visit.events() as stream:
            await stream.until("history")
            for entry in entries:
                await orchestrator.show(entry)
            shown = {(await stream.until("entry"))["id"] for _ in entries}

    assert {str(entry.entry_id) for entry in entries} == shown

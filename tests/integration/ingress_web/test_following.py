"""The event stream: first how things stand, then what happens, each session its own, nothing lost between."""

from __future__ import annotations

import asyncio

import pytest

from schemas.queries import AskHistory
from services.ingress.web import event_line
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.visiting import Visit, Visiting
from tests.servers import eventually


async def test_history_comes_first(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """Entries with the words that were typed, the commands there are, and nothing to notice."""
    entry = orchestrator.entry(visit.session_id, said="/f a cat", position=2)
    orchestrator.entries[visit.session_id] = [entry]
    async with visit.events() as stream:
        event = await stream.next()

    assert event is not None
    name, history = event
    (shown,) = history["entries"]
    assert "history" == name
    assert (str(entry.entry_id), 1, "/f a cat", "queued") == (
        shown["id"], shown["version"], shown["said"], shown["status"]
    )  # fmt: skip
    assert [{"label": "Cancel", "action": "cancel"}] == shown["buttons"]
    first = history["offer"]["commands"][0]
    assert {"command": "/f", "title": "FLUX schnell", "kind": "image"}.items() <= first.items()
    assert "" == history["offer"]["notice"]


async def test_a_simulated_studio_says_so(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """The notice tells that no model is behind the pictures."""
    orchestrator.simulated = True
    async with visit.events() as stream:
        history = await stream.until("history")

    assert "simulator" in history["offer"]["notice"]


async def test_entries_and_progress_follow_as_they_happen(
    visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """In the order in which they were sent."""
    running = orchestrator.entry(visit.session_id, status="running", version=2)
    async with visit.events() as stream:
        await stream.until("history")
        await orchestrator.show(running)
        entry = await stream.next()
        await orchestrator.progress(running, 50.0, step=2)
        progress = await stream.next()

    assert entry is not None
    assert progress is not None
    assert ("entry", str(running.entry_id), "running") == (entry[0], entry[1]["id"], entry[1]["status"])
    assert ("progress", str(running.entry_id), 50.0) == (
        progress[0],
        progress[1]["id"],
        progress[1]["percent"],
    )
    assert "2 of 4" in progress[1]["text"]


async def test_what_happens_while_the_history_is_asked_for_is_not_lost(
    visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """An entry that is newer than the history's answer arrives after it."""
    orchestrator.answering.clear()
    newer = orchestrator.entry(visit.session_id)
    async with visit.events() as stream:

        async def asked() -> bool:
            return AskHistory(session_id=visit.session_id) in orchestrator.asked

        await eventually(asked)
        await orchestrator.show(newer)
        orchestrator.answering.set()
        history, entry = await stream.next(), await stream.next()

    assert history is not None
    assert entry is not None
    assert ("history", []) == (history[0], history[1]["entries"])
    assert ("entry", str(newer.entry_id)) == (entry[0], entry[1]["id"])


async def test_nobody_hears_of_another_session(
    visit: Visit, visiting: Visiting, orchestrator: FakeOrchestrator
) -> None:
    """Neither entries nor progress."""
    other = await visiting()
    mine = orchestrator.entry(visit.session_id)
    theirs = orchestrator.entry(other.session_id)
    async with visit.events() as stream:
        await stream.until("history")
        await orchestrator.show(theirs)
        await orchestrator.progress(theirs, 50.0)
        await orchestrator.show(mine)
        event = await stream.next()

    assert event is not None
    assert ("entry", str(mine.entry_id)) == (event[0], event[1]["id"])


async def test_every_window_of_a_session_follows(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """Two windows, the same entry."""
    entry = orchestrator.entry(visit.session_id)
    async with visit.events() as one, visit.events() as two:
        await one.until("history")
        await two.until("history")
        await orchestrator.show(entry)
        shown = [await one.until("entry"), await two.until("entry")]

    assert [str(entry.entry_id)] * 2 == [event["id"] for event in shown]


async def test_an_answer_is_a_note_or_a_refusal(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """What was asked for is a note; why something was not done is a refusal."""
    note = orchestrator.entry(visit.session_id, status="answered", code="privacy")
    refusal = orchestrator.entry(
        visit.session_id, status="answered", code="no-picture", details={"command": "qwen"}
    )
    orchestrator.entries[visit.session_id] = [note, refusal]
    async with visit.events() as stream:
        history = await stream.until("history")

    assert ["note", "refused"] == [entry["status"] for entry in history["entries"]]


async def test_words_that_do_not_open_cost_nothing_else(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """An entry sealed under another key is shown without what was said."""
    entry = orchestrator.entry(visit.session_id, private=b"\x01nonsense")
    orchestrator.entries[visit.session_id] = [entry, orchestrator.entry(visit.session_id)]
    async with visit.events() as stream:
        history = await stream.until("history")

    assert ["", "/f an astronaut"] == [shown["said"] for shown in history["entries"]]


async def test_a_ninth_window_has_to_wait(visit: Visit) -> None:
    """Each session has so many streams; closing one makes room."""
    streams = [await visit.http.get(visit.url + "/events") for _ in range(8)]
    refused = await visit.get("/events")
    streams[0].close()

    async def let_in() -> bool:
        response = await visit.http.get(visit.url + "/events")
        response.close()
        return response.status == 200

    assert (429, "too-many-streams") == (refused.status, refused.json()["code"])
    assert await eventually(let_in)
    for stream in streams:
        stream.close()


async def test_a_page_without_a_cookie_gets_one_here(visit: Visit) -> None:
    """A page opened by another site's link has none yet, and its first event stream mends that."""
    visit.http.cookie_jar.clear()
    async with visit.events() as stream:
        await stream.until("history")

    assert 202 == (await visit.say("/f a cat")).status


async def test_a_quiet_stream_is_kept_alive(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pings, so that a page can tell a quiet line from a dead one."""
    monkeypatch.setattr(event_line, "_PING_EVERY_S", 0.1)
    async with visit.events() as stream, asyncio.timeout(10):
        await stream.until("history")
        while await stream.response.content.readline() != b": ping\n":
            pass

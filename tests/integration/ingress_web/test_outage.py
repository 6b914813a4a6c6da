"""NATS or the orchestrator away: the page says so, takes nothing it can't keep, and goes on afterwards."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from schemas.commands import RequestRender
from services.common.keys import Keyring
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.running import WebChat, serving
from tests.integration.ingress_web.visiting import Visit, png
from tests.servers import NatsServer, eventually


async def test_a_message_during_an_outage_is_refused_and_works_afterwards(
    visit: Visit, nats: NatsServer, orchestrator: FakeOrchestrator
) -> None:
    """503 with a sentence while NATS is down; the same message under the same id is taken once it is back."""
    request = str(uuid4())
    await nats.stop()
    said, pressed = await visit.say("/f a cat", id=request), await visit.press()
    picture = await visit.get(f"/media/{uuid4()}")
    uploaded = await visit.say("/qwen a hat", png())
    page = await visit.get("/")
    await nats.start()

    async def taken() -> bool:
        return (await visit.say("/f a cat", id=request)).status == 202

    await eventually(taken)
    await orchestrator.next(RequestRender)

    assert [503] * 4 == [answer.status for answer in (said, pressed, picture, uploaded)]
    assert {"code", "error"} == set(said.json())
    assert "not kept" in said.json()["error"]
    assert 200 == page.status
    assert 1 == len(orchestrator.all(RequestRender))


async def test_nobody_uploads_into_an_outage(visit: Visit, nats: NatsServer) -> None:
    """503 arrives before the picture has been sent."""
    await nats.stop()
    async with visit.announcing(10_000_000) as answer:
        status = await answer.readline()
    await nats.start()

    assert b"HTTP/1.1 503 Service Unavailable\r\n" == status


async def test_the_stream_notices_an_outage_and_sends_history_again(
    visit: Visit, nats: NatsServer, orchestrator: FakeOrchestrator
) -> None:
    """What was missed in between is in the second history; after that entries follow as before."""
    async with visit.events() as stream:
        first = await stream.until("history")
        await nats.stop()
        notice = await stream.until("notice")
        missed = orchestrator.entry(visit.session_id, said="/f missed")
        orchestrator.entries[visit.session_id] = [missed]
        await nats.start()
        second = await stream.until("history")
        later = orchestrator.entry(visit.session_id)
        await orchestrator.show(later)
        entry = await stream.until("entry")

    assert [] == first["entries"]
    assert notice["notice"]
    assert ["/f missed"] == [shown["said"] for shown in second["entries"]]
    assert str(later.entry_id) == entry["id"]


async def test_the_page_is_there_before_nats(nats: NatsServer, key_file: Path, keyring: Keyring) -> None:
    """Started first, the web chat serves its page with a notice, and works once the rest has come."""
    await nats.stop()
    async with serving(nats, key_file) as running:
        visit = Visit(running.url, keyring)
        page = await visit.get("/")
        missing = await running.readiness()
        async with visit.events() as stream:
            notice = await stream.next()
            await nats.start()
            fake = await FakeOrchestrator.start(nats.url, keyring, "web")
            await stream.until("history")
            entry = fake.entry(visit.session_id)
            await fake.show(entry)
            shown = await stream.until("entry")
        await running.until_ready()
        said = await visit.say("/f a cat")
        await visit.http.close()
        await fake.stop()

    assert 200 == page.status
    assert {"nats", "streams", "orchestrator"} == set(missing)
    assert notice is not None
    assert "notice" == notice[0]
    assert str(entry.entry_id) == shown["id"]
    assert 202 == said.status


async def test_without_the_orchestrator_messages_are_kept_and_the_stream_waits(
    web: WebChat, visit: Visit, nats: NatsServer, orchestrator: FakeOrchestrator, keyring: Keyring
) -> None:
    """JetStream has the command, so it is accepted; the history comes when the orchestrator is back."""
    await orchestrator.stop()
    said = await visit.say("/f a cat")
    missing = await web.readiness()
    async with visit.events() as stream:
        notice = await stream.next()
        back = await FakeOrchestrator.start(nats.url, keyring, "web")
        history = await stream.until("history")
    await back.next(RequestRender)
    await back.stop()

    assert 202 == said.status
    assert {"orchestrator"} == set(missing)
    assert notice is not None
    assert "notice" == notice[0]
    assert [] == history["entries"]
    assert 1 == len(back.all(RequestRender))

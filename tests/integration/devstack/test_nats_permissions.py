"""Each service's NATS user can do that service's work, and not another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig

from schemas import subjects
from services.common import bus as bus_module
from services.common import streams
from services.common.bus import Bus
from services.common.consumer import Source, consume
from services.common.errors import RejectedError
from services.common.media import Measured, MediaStore
from tests.builders import uuid
from tests.servers import eventually

SESSION = uuid(1)
PNG = Measured(mime="image/png", width_px=1, height_px=1)
WEB = Source(stream=subjects.REPLIES, durable="ingress-web", subject=subjects.replies_of("web"))
RENDER = Source(stream=subjects.RENDER, durable="renderer-a", subject=subjects.render_attempt("a"))
INBOX = Source(stream=subjects.INBOX, durable="orchestrator", subject="inbox.>")

Connect = Callable[[str], Coroutine[Any, Any, Bus]]


@pytest.fixture
async def connect(nats_urls: dict[str, str]) -> AsyncGenerator[Connect]:
    """Connects as a service, once the orchestrator has declared the streams."""
    async with AsyncExitStack() as stack:

        async def connect(user: str) -> Bus:
            bus = await bus_module.connect(nats_urls[user], user)
            stack.push_async_callback(bus.close)
            return bus

        await streams.declare(await connect("orchestrator"), replicas=1)
        yield connect


async def received(bus: Bus, source: Source) -> Msg:
    """The next message of *source*, taken as the services take it."""
    found: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
    stopping = asyncio.Event()

    async def handle(message: Msg) -> None:
        found.set_result(message)
        stopping.set()

    async with asyncio.timeout(10):
        await consume(bus, source, handle, stopping)
    return found.result()


async def violation(url: str, attempt: Callable[[Client], Awaitable[object]]) -> str:
    """What NATS says when *attempt* is made by a client of our own; empty when it is let pass."""
    said: asyncio.Queue[Exception] = asyncio.Queue()
    user = url.removeprefix("nats://").partition(":")[0]
    client = await nats.connect(url, inbox_prefix=f"_INBOX_{user}".encode(), error_cb=said.put)
    attempting = asyncio.ensure_future(attempt(client))
    hearing = asyncio.ensure_future(said.get())
    try:
        await asyncio.wait({attempting, hearing}, return_when=asyncio.FIRST_COMPLETED, timeout=5)
        if not hearing.done():
            await client.flush()  # its answer follows everything that was said before
            await asyncio.sleep(0)
        return str(hearing.result()).lower() if hearing.done() else ""
    finally:
        attempting.cancel()
        hearing.cancel()
        await client.close()


async def test_channel_gives_commands_and_takes_its_replies(connect: Connect) -> None:
    """An ingress puts a command into INBOX, and takes from REPLIES what is for its channel."""
    orchestrator, web = await connect("orchestrator"), await connect("ingress-web")
    await web.publish(subjects.inbox_command(SESSION), "command", uuid4())
    await orchestrator.publish(subjects.reply("web", SESSION), "reply", uuid4())

    assert subjects.inbox_command(SESSION) == (await received(orchestrator, INBOX)).subject
    assert subjects.reply("web", SESSION) == (await received(web, WEB)).subject


async def test_renderer_takes_attempts_and_gives_facts(connect: Connect) -> None:
    """A renderer takes from RENDER and puts facts into INBOX."""
    orchestrator, renderer = await connect("orchestrator"), await connect("renderer")
    await streams.require(renderer)
    await orchestrator.publish(subjects.render_attempt("a"), "attempt", uuid4())
    await renderer.publish(subjects.inbox_fact("a"), "fact", uuid4())

    assert subjects.render_attempt("a") == (await received(renderer, RENDER)).subject
    assert subjects.inbox_fact("a") == (await received(orchestrator, INBOX)).subject


@pytest.mark.parametrize("user", ["tunnel", "renderer"])
async def test_position_speaks_for_itself(connect: Connect, user: str) -> None:
    """The tunnel and the renderer each say whether anything of them goes around the tunnel."""
    orchestrator, position = await connect("orchestrator"), await connect(user)
    await position.publish(subjects.inbox_egress(user), "checked", uuid4())

    assert subjects.inbox_egress(user) == (await received(orchestrator, INBOX)).subject


@pytest.mark.parametrize("user", ["ingress-web", "ingress-telegram", "renderer"])
async def test_media_can_be_stored_fetched_and_deleted(connect: Connect, user: str) -> None:
    """Those who handle pictures read and write the media store, in more than one piece."""
    store = MediaStore(await connect(user))
    plain = bytes(300_000)
    ref, key = await store.put(plain, PNG)

    assert plain == await store.get(ref, key)
    await store.delete(ref.media_id)


async def test_orchestrator_deletes_media(connect: Connect) -> None:
    """The orchestrator can delete what another stored."""
    ref, key = await (store := MediaStore(await connect("ingress-web"))).put(b"plain", PNG)
    await MediaStore(await connect("orchestrator")).delete(ref.media_id)

    with pytest.raises(RejectedError):
        await store.get(ref, key)


async def test_channel_remembers_where_it_showed_things(connect: Connect) -> None:
    """An ingress reads, writes and watches the bucket of shown messages."""
    bucket = await (await connect("ingress-telegram")).jetstream.key_value(subjects.SHOWN_BUCKET)
    await bucket.put("entry", b"message")

    assert b"message" == (await bucket.get("entry")).value


async def test_query_is_answered(connect: Connect) -> None:
    """A channel's question reaches the orchestrator, and the answer comes back to the asker."""
    orchestrator, web = await connect("orchestrator"), await connect("ingress-web")

    async def answer(message: Msg) -> None:
        await message.respond(b"answer")

    await orchestrator.subscribe(subjects.query("channel"), answer)
    await orchestrator._client.flush()

    assert b"answer" == await web.request(subjects.query("channel"), "question")


@pytest.mark.parametrize(
    ("asker", "subject", "answerer"),
    [("renderer", subjects.query("renderer"), "orchestrator"), ("cli", subjects.study(), "renderer")],
)
async def test_question_of_another_kind_is_answered(
    connect: Connect, asker: str, subject: str, answerer: str
) -> None:
    """A renderer's question by the orchestrator; an operator's about a workflow by one of the renderers."""
    asking, answering = await connect(asker), await connect(answerer)

    async def answer(message: Msg) -> None:
        await message.respond(b"answer")

    await answering.subscribe(subject, answer, queue=answerer)
    await answering._client.flush()

    assert b"answer" == await asking.request(subject, "question")


async def test_operator_gives_commands(connect: Connect) -> None:
    """The operator's command line puts a command into INBOX."""
    orchestrator, cli = await connect("orchestrator"), await connect("cli")
    await cli.publish(subjects.inbox_operator(), "command", uuid4())

    assert subjects.inbox_operator() == (await received(orchestrator, INBOX)).subject


async def test_progress_reaches_the_channel(connect: Connect) -> None:
    """A renderer's progress notes reach the channel they are for."""
    renderer, web = await connect("renderer"), await connect("ingress-web")
    heard: set[str] = set()

    async def hear(message: Msg) -> None:
        heard.add(message.subject)

    await web.subscribe(subjects.progress("web", "*", "*"), hear)
    subject = subjects.progress("web", SESSION, SESSION)

    async def told() -> bool:
        # As a renderer does: a note may get lost, the next one follows.
        await renderer.tell(subject, {"percent": 1})
        return subject in heard

    await eventually(told)


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("ingress-web", subjects.inbox_fact("a")),
        ("ingress-web", subjects.render_attempt("a")),
        ("ingress-web", subjects.reply("telegram", SESSION)),
        ("ingress-web", "evt.job.requested.v1.x"),
        ("renderer", subjects.inbox_command(SESSION)),
        ("renderer", subjects.reply("web", SESSION)),
        ("renderer", subjects.render_attempt("a")),
        ("renderer", subjects.inbox_egress("tunnel")),
        ("tunnel", subjects.inbox_egress("renderer")),
        ("tunnel", subjects.inbox_fact("a")),
        ("ingress-web", subjects.inbox_egress("tunnel")),
        ("ingress-web", subjects.inbox_operator()),
        ("ingress-web", subjects.study()),
        ("renderer", subjects.inbox_operator()),
        ("orchestrator", subjects.inbox_operator()),
    ],
)
async def test_foreign_messages_are_refused(
    connect: Connect, nats_urls: dict[str, str], user: str, subject: str
) -> None:
    """Nobody publishes what another service is to say, and the streams stay as they were."""
    said = await violation(nats_urls[user], lambda client: client.publish(subject, b"forged"))
    found = await (await connect("cli")).jetstream.streams_info()

    assert f'permissions violation for publish to "{subject}"' in said
    assert 0 == sum(stream.state.messages for stream in found)


@pytest.mark.parametrize(
    ("user", "stream", "subject"),
    [
        ("ingress-web", subjects.INBOX, "inbox.>"),
        ("ingress-web", subjects.RENDER, "render.>"),
        ("ingress-web", subjects.EVENTS, "evt.>"),
        ("ingress-web", subjects.REPLIES, "reply.telegram.*"),
        ("ingress-web", subjects.REPLIES, "reply.>"),
        ("ingress-telegram", subjects.REPLIES, "reply.web.*"),
        ("renderer", subjects.REPLIES, "reply.>"),
        ("renderer", subjects.INBOX, "inbox.>"),
        ("renderer", f"KV_{subjects.SHOWN_BUCKET}", "$KV.>"),
    ],
)
async def test_foreign_streams_can_not_be_consumed(
    connect: Connect, nats_urls: dict[str, str], user: str, stream: str, subject: str
) -> None:
    """Nobody makes a consumer, to pull from or to be pushed to, on what is for another service."""
    pulled = ConsumerConfig(
        durable_name=user, name=user, filter_subject=subject, ack_policy=AckPolicy.EXPLICIT
    )
    pushed = ConsumerConfig(deliver_subject=f"_INBOX_{user}.stolen", filter_subject=subject)

    for config in (pulled, pushed):
        said = await violation(
            nats_urls[user], lambda client, config=config: client.jetstream().add_consumer(stream, config)
        )
        assert "permissions violation for publish" in said


async def test_existing_foreign_consumer_gives_nothing(connect: Connect, nats_urls: dict[str, str]) -> None:
    """A channel can't pull from the consumer that another channel has made."""
    telegram = Source(stream=subjects.REPLIES, durable="ingress-telegram", subject="reply.telegram.*")
    orchestrator = await connect("orchestrator")
    await orchestrator.publish(subjects.reply("telegram", SESSION), "reply", uuid4())
    own = await connect("ingress-telegram")
    await own.jetstream.pull_subscribe(telegram.subject, durable=telegram.durable, stream=telegram.stream)

    async def steal(client: Client) -> None:
        pull = await client.jetstream().pull_subscribe_bind(durable=telegram.durable, stream=telegram.stream)
        await pull.fetch(1, timeout=5)

    said = await violation(nats_urls["ingress-web"], steal)

    assert "permissions violation for publish" in said
    assert subjects.reply("telegram", SESSION) == (await received(own, telegram)).subject


@pytest.mark.parametrize(
    "spied",
    ["_INBOX_orchestrator.>", "_INBOX_ingress-telegram.>", "*.*", ">", "inbox.>", subjects.study()],
)
async def test_answers_to_others_can_not_be_heard(nats_urls: dict[str, str], spied: str) -> None:
    """Nobody listens on another's inbox, nor on a stream's subjects as they go by."""
    said = await violation(nats_urls["ingress-web"], lambda client: client.subscribe(spied))

    assert "permissions violation for subscription" in said


async def test_nobody_connects_without_a_password(nats_urls: dict[str, str]) -> None:
    """A connection without a user is refused."""
    host, port = nats_urls["cli"].rpartition("@")[2].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b'CONNECT {"verbose":false}\r\nPING\r\n')
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()

    assert b"Authorization Violation" in answer

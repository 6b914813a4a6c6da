"""A renderer between a real NATS, the real tunnel and simulated backends; the test plays the orchestrator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec
from aiohttp import ClientSession
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError
from PIL import Image

from schemas import codec, ids, subjects
from schemas.dispatch import CancelAttempt, RenderAttempt
from schemas.facts import Fact, RenderCancelled, RenderFailed, RenderSucceeded
from schemas.media import MediaRef
from schemas.params import RenderParams
from schemas.private import DispatchSecrets, MediaKeys
from schemas.progress import Progress
from schemas.queries import AskAttempt, AttemptFound
from services.common import streams
from services.common.bus import Bus, connect
from services.common.keys import derive
from services.common.media import Measured, MediaStore
from services.common.seal import seal_struct, unseal_struct
from services.devstack.comfyui import Simulator, SimulatorConfig, running_simulator
from services.devstack.ports import free_port
from services.renderer.catalogue import OWN, read_catalogue
from services.renderer.lookout import Rhythm
from services.renderer.service import Plan, Renderer, new_session
from services.tunnel.backends import parse_backends
from services.tunnel.listener import Listener
from services.tunnel.proxy import Proxy
from services.tunnel.upstream import direct_connector, open_upstream
from tests.servers import NatsServer, eventually

KEYRING = derive(b"r" * 32)
CATALOGUE = read_catalogue([OWN])
PROMPT = "an astronaut nobody must read of"
ENDED = (RenderSucceeded, RenderFailed, RenderCancelled)

F = TypeVar("F", bound=msgspec.Struct)


def digest_of(command: str) -> str:
    """Digest of the workflow that a command stands for."""
    return next(digest for digest, one in CATALOGUE.items() if one.recipe.command == command)


def png(colour: str = "teal", size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture."""
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


class Bench:
    """
    What a test needs.

    Attributes:
        facts: Every fact that was published, by message id: a repeated one is there once.
        records: False: facts are heard, but the "log" does not know of them yet.
        unwanted: Attempts that were cancelled.
        questions: How often it was asked whether an attempt is wanted.
        settings: What the next renderer is started with.
    """

    def __init__(self, sim: Simulator, nats: NatsServer, bus: Bus, settings: dict[str, Any]) -> None:
        self.sim = sim
        self.bus = bus
        self.media = MediaStore(bus)
        self.settings = settings
        self.facts: dict[UUID, Fact] = {}
        self.progress: list[Progress] = []
        self.records = True
        self.questions = 0
        self.unwanted: set[tuple[UUID, int]] = set()
        self._nats = nats
        self._stopping = asyncio.Event()
        self._renderers: list[tuple[Bus, asyncio.Task[None]]] = []

    async def order(
        self,
        command: str = "f",
        *,
        backend: str = "gpu",
        inputs: tuple[bytes, ...] = (),
        params: RenderParams | None = None,
    ) -> RenderAttempt:
        """Dispatch an attempt."""
        job_id = uuid4()
        refs: list[MediaRef] = []
        keys: dict[UUID, bytes] = {}
        for plain in inputs:
            ref, key = await self.media.put(plain, Measured(mime="image/png", width_px=64, height_px=48))
            refs.append(ref)
            keys[ref.media_id] = key
        secrets = DispatchSecrets(prompt=PROMPT, negative="", input_keys=keys)
        order = RenderAttempt(
            job_id=job_id,
            attempt=1,
            prompt_id=ids.prompt_id(job_id, 1),
            chain_id=job_id,
            session_id=uuid4(),
            channel="web",
            backend=backend,
            workflow=digest_of(command),
            params=params or RenderParams(seed=7),
            inputs=tuple(refs),
            private=seal_struct(KEYRING.transport, secrets, job_id),
        )
        await self.bus.publish(subjects.render_attempt(backend), order, uuid4())
        return order

    async def cancel(self, order: RenderAttempt) -> None:
        """Have an attempt cancelled."""
        self.unwanted.add((order.job_id, order.attempt))
        body = CancelAttempt(
            job_id=order.job_id, attempt=order.attempt, prompt_id=order.prompt_id, backend=order.backend
        )
        await self.bus.publish(subjects.render_cancel(order.backend), body, uuid4())

    async def fact(self, kind: type[F], order: RenderAttempt | None = None, timeout_s: float = 20.0) -> F:
        """The first fact of a kind, of one order if given."""
        return await eventually(lambda: self._find(kind, order), timeout_s=timeout_s)

    async def _find(self, kind: type[F], order: RenderAttempt | None) -> F | None:
        for fact in self.facts.values():
            if isinstance(fact, kind) and (order is None or getattr(fact, "job_id", None) == order.job_id):
                return fact
        return None

    async def outcome(self, order: RenderAttempt) -> Fact:
        """How an order ended: its only ending fact."""

        async def ended() -> list[Fact]:
            return [
                fact
                for fact in self.facts.values()
                if isinstance(fact, ENDED) and fact.job_id == order.job_id
            ]

        found = await eventually(ended)
        assert 1 == len(found)
        return found[0]

    async def picture(self, success: RenderSucceeded, index: int = 0) -> bytes:
        """The plain bytes of a picture."""
        keys = unseal_struct(KEYRING.transport, success.private, success.job_id, MediaKeys).keys
        ref = success.images[index]
        return await self.media.get(ref, keys[ref.media_id])

    async def settled(self) -> None:
        """Wait until no order is left on RENDER."""

        async def empty() -> bool:
            return not (await self.bus.jetstream.stream_info(subjects.RENDER)).state.messages

        await eventually(empty)

    @property
    def submissions(self) -> int:
        """How many prompts ComfyUI was sent."""
        return self.sim._core.next_number

    async def asked_again(self) -> None:
        """Wait until it was asked twice more whether an attempt is wanted."""
        before = self.questions

        async def asked() -> bool:
            return self.questions >= before + 2

        await eventually(asked)

    async def comfyui(self, route: str) -> Any:
        """A route of the simulator, asked directly."""
        async with ClientSession(self.sim.url) as session, session.get(route) as answer:
            return await answer.json()

    async def running(self, order: RenderAttempt) -> None:
        """Wait until ComfyUI runs an order's prompt."""

        async def runs() -> bool:
            queue = await self.comfyui("/queue")
            return any(item[1] == str(order.prompt_id) for item in queue["queue_running"])

        await eventually(runs)

    async def hanging(self, order: RenderAttempt) -> None:
        """
        Wait until an order's prompt stands still after its first step, deaf to interrupts.

        With steps so short that progress is throttled, the first step might not be told.
        """

        async def stepped() -> bool:
            return any(note.job_id == order.job_id and note.step == 1 for note in self.progress)

        await eventually(stepped)

    async def redelivered(self, durable: str) -> bool:
        """Whether a consumer got a message that it had before."""
        try:
            return bool((await self.bus.jetstream.consumer_info(subjects.RENDER, durable)).num_redelivered)
        except NotFoundError:
            return False

    async def start(self) -> None:
        """Start a renderer on a connection of its own."""
        bus = await connect(self._nats.urls["renderer"], "renderer")

        async def run() -> None:
            async with new_session() as session:
                await Renderer(Plan(bus=bus, **self.settings), session).run(self._stopping)

        self._renderers.append((bus, asyncio.create_task(run())))

    async def kill(self) -> None:
        """End every renderer where it stands; its connection breaks, and it says nothing to anybody."""
        for bus, task in self._renderers:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await bus._client.close()
        self._renderers.clear()

    async def stop(self) -> None:
        """End every renderer in order."""
        self._stopping.set()
        for bus, task in self._renderers:
            await task
            await bus.close()

    async def has_history(self) -> bool:
        """Whether ComfyUI remembers any prompt."""
        return bool(await self.comfyui("/history"))

    async def has_no_history(self) -> bool:
        """Whether ComfyUI remembers none."""
        return not await self.has_history()

    async def answer(self, message: Msg) -> None:
        """Play the orchestrator's part that renderers ask."""
        question = codec.decode_query(message.data)
        assert isinstance(question, AskAttempt)
        self.questions += 1
        name = question.job_id, question.attempt
        ended = self.records and any(
            isinstance(fact, ENDED) and (fact.job_id, fact.attempt) == name for fact in self.facts.values()
        )
        await message.respond(codec.encode(AttemptFound(wanted=not ended and name not in self.unwanted)))

    async def hear(self, message: Msg) -> None:
        """Keep a fact."""
        fact = codec.decode_inbox(message.data)
        self.facts.setdefault(fact.message_id, fact.body)

    async def note(self, message: Msg) -> None:
        """Keep a progress note."""
        self.progress.append(codec.decode_progress(message.data))


@asynccontextmanager
async def bench(
    nats: NatsServer,
    folder: Path,
    *,
    started: bool = True,
    render_timeout_s: float = 30.0,
    **sim_options: Any,
) -> AsyncGenerator[Bench]:
    """Backends ``gpu`` (simulated) and ``off`` (nothing listens), and a renderer unless not *started*."""
    config = SimulatorConfig(base_dir=folder, **{"step_s": 0.02, **sim_options})
    bus = await connect(nats.url, "tester")
    await streams.declare(bus, replicas=1)
    async with running_simulator(config) as sim, open_upstream(direct_connector()) as upstream:
        backends = parse_backends(f"gpu={sim.url},off=http://127.0.0.1:{free_port()}")
        proxy = Proxy(backends, upstream, idle_timeout_s=10)
        async with Listener(proxy, "127.0.0.1", 0).listening() as port:
            settings: dict[str, Any] = {
                "keyring": KEYRING,
                "catalogue": CATALOGUE,
                "backends": ("gpu", "off"),
                "tunnel_url": f"http://127.0.0.1:{port}",
                "render_timeout_s": render_timeout_s,
                "rhythm": Rhythm(look_s=1.0),
                "ack_wait_s": 1.0,
            }
            made = Bench(sim, nats, bus, settings)
            await bus.subscribe("query.renderer", made.answer)
            await bus.subscribe("inbox.fact.>", made.hear)
            await bus.subscribe("progress.>", made.note)
            if started:
                await made.start()
            try:
                yield made
            finally:
                await made.stop()
    await bus.close()

"""A renderer between a real NATS, the real tunnel and simulated backends; the test plays the orchestrator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from aiohttp import ClientSession
from msgspec.structs import replace
from nats.js.errors import NotFoundError
from PIL import Image

from schemas import ids, subjects
from schemas.dispatch import CancelAttempt, RenderAttempt
from schemas.facts import RenderSucceeded
from schemas.media import MediaRef
from schemas.params import RenderParams
from schemas.private import DispatchSecrets, MediaKeys
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
from services.renderer.studio import Studio
from services.renderer.watch import Limits
from services.tunnel.backends import parse_backends
from services.tunnel.host.comfyui import OwnComfyUI
from services.tunnel.host.folders import Folders
from services.tunnel.host.guard import Guard
from services.tunnel.host.guard import Limits as HostLimits
from services.tunnel.host.purge import Purge
from services.tunnel.host.seen import Seen
from services.tunnel.listener import Listener
from services.tunnel.proxy import Named, Proxy
from services.tunnel.stall import Idle
from services.tunnel.ways import Ways, direct_ways
from tests.integration.renderer.ledger import Ledger
from tests.integration.renderer.mortality import Breaker
from tests.servers import NatsServer, eventually

KEYRING = derive(b"r" * 32)
CATALOGUE = read_catalogue([OWN])
LIMITS = Limits(silence_s=30.0)
PROMPT = "an astronaut nobody must read of"


def digest_of(command: str) -> str:
    """Digest of the workflow that a command stands for."""
    return next(digest for digest, one in CATALOGUE.items() if one.recipe.command == command)


def png(colour: str = "teal", size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture."""
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


class Bench(Ledger):
    """
    What a test needs.

    Attributes:
        sim: The simulated ComfyUI, whose backend's name is ``gpu``.
        media: The media store.
        settings: What the next renderer is started with.
    """

    def __init__(self, sim: Simulator, nats: NatsServer, bus: Bus, settings: dict[str, Any]) -> None:
        super().__init__()
        self.sim = sim
        self.bus = bus
        self.media = MediaStore(bus)
        self.settings = settings
        self._nats = nats
        self._stopping = asyncio.Event()
        self._renderers: list[tuple[Bus, asyncio.Task[None]]] = []

    async def order(self, command: str = "f", **options: Any) -> RenderAttempt:
        """Dispatch an attempt, as ``written`` makes it."""
        order = await self.written(command, **options)
        await self.bus.publish(subjects.render_attempt(order.backend), order, uuid4())
        return order

    async def written(
        self,
        command: str = "f",
        *,
        backend: str = "gpu",
        inputs: tuple[bytes, ...] = (),
        params: RenderParams | None = None,
        workflow: str = "",
        free_memory: bool = False,
    ) -> RenderAttempt:
        """An attempt that nobody was told of, of a command's workflow or of the one with another digest."""
        job_id = uuid4()
        refs: list[MediaRef] = []
        keys: dict[UUID, bytes] = {}
        for plain in inputs:
            ref, key = await self.media.put(plain, Measured(mime="image/png", width_px=64, height_px=48))
            refs.append(ref)
            keys[ref.media_id] = key
        secrets = DispatchSecrets(prompt=PROMPT, negative="", input_keys=keys)
        return RenderAttempt(
            job_id=job_id,
            attempt=1,
            prompt_id=ids.prompt_id(job_id, 1),
            chain_id=job_id,
            session_id=uuid4(),
            channel="web",
            backend=backend,
            workflow=workflow or digest_of(command),
            params=params or RenderParams(seed=7),
            free_memory=free_memory,
            inputs=tuple(refs),
            private=seal_struct(KEYRING.transport, secrets, job_id),
        )

    async def cancel(self, order: RenderAttempt) -> None:
        """Have an attempt cancelled."""
        self.unwanted.add((order.job_id, order.attempt))
        body = CancelAttempt(
            job_id=order.job_id, attempt=order.attempt, prompt_id=order.prompt_id, backend=order.backend
        )
        await self.bus.publish(subjects.render_cancel(order.backend), body, uuid4())

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

    def elsewhere(self, session: ClientSession) -> Renderer:
        """Another process's renderer, which is given orders by hand."""
        return Renderer(Plan(bus=self.bus, **self.settings), session)

    def beyond(self, breaker: Breaker, session: ClientSession) -> Studio:
        """What attempts of another process share, whose line to the backends breaks."""
        url = self.settings["tunnel_url"]
        return replace(
            self.elsewhere(session).studio,
            connect=lambda backend, chain: breaker.connect(session, url, backend, chain),
        )

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


@asynccontextmanager
async def _host(url: str, folder: Path, ways: Ways) -> AsyncGenerator[str]:
    """The host role's guard before the ComfyUI at *url* with its files below *folder*; yields its own URL."""
    comfyui = parse_backends(f"comfyui={url}")["comfyui"]
    places = {name: folder / name for name in ("input", "output", "temp")}
    inputs = Seen()
    purge = Purge(OwnComfyUI(comfyui, ways), Folders.checked(**places), inputs, grace_s=0.0)
    guard = Guard(comfyui, purge, HostLimits(), inputs, Seen())
    proxy = Proxy(guard, ways, idle=Idle(answer_s=10, upload_s=10, body_s=10))
    async with Listener(proxy, "127.0.0.1", 0).listening() as port:
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def bench(
    nats: NatsServer,
    folder: Path,
    *,
    started: bool = True,
    hosted: bool = False,
    limits: Limits = LIMITS,
    **sim_options: Any,
) -> AsyncGenerator[Bench]:
    """
    Backends ``gpu`` (simulated) and ``off`` (nothing listens), and a renderer unless not *started*.

    With *hosted*, ``gpu`` is behind the tunnel's host role, which may delete at once.
    """
    config = SimulatorConfig(base_dir=folder, **{"step_s": 0.02, **sim_options})
    bus = await connect(nats.url, "tester")
    await streams.declare(bus, replicas=1)
    async with running_simulator(config) as sim, direct_ways() as ways, AsyncExitStack() as stack:
        url = await stack.enter_async_context(_host(sim.url, folder, ways)) if hosted else sim.url
        backends = parse_backends(f"gpu={url},off=http://127.0.0.1:{free_port()}")
        proxy = Proxy(Named(backends), ways, idle=Idle(answer_s=10, upload_s=10, body_s=10))
        async with Listener(proxy, "127.0.0.1", 0).listening() as port:
            settings: dict[str, Any] = {
                "keyring": KEYRING,
                "catalogue": CATALOGUE,
                "backends": ("gpu", "off"),
                "tunnel_url": f"http://127.0.0.1:{port}",
                "limits": limits,
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

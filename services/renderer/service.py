"""The renderer put together: consumers, lookouts, purge and health in one task group."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID, uuid4

import aiohttp
from msgspec import Struct

from schemas import subjects
from services.common.bus import Bus
from services.common.canary.canary import Way
from services.common.canary.resolver import OnlyNames
from services.common.consumer import Source, consume
from services.common.keys import Keyring
from services.common.media import MediaStore
from services.renderer.announcement import announce
from services.renderer.canary import way_through
from services.renderer.catalogue import Catalogue
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.transport import Transport
from services.renderer.facts import Facts
from services.renderer.handlers import Handlers
from services.renderer.inventory import Inventory
from services.renderer.library import Library
from services.renderer.lookout import Lookout, Rhythm
from services.renderer.object_info import ObjectInfo
from services.renderer.purge import HistoryPurge
from services.renderer.shelf import Shelf
from services.renderer.studies import Studies
from services.renderer.studio import Studio
from services.renderer.underway import Underway
from services.renderer.watch import Limits


class Plan(Struct, frozen=True, kw_only=True):
    """
    What a renderer is made of.

    Attributes:
        staged_jobs: How many orders a backend is given beside the one that it runs.
        ack_wait_s: After so long without a heartbeat an order goes to another renderer.
    """

    bus: Bus
    keyring: Keyring
    catalogue: Catalogue
    backends: tuple[str, ...]
    tunnel_url: str
    limits: Limits = Limits()
    staged_jobs: int = 1
    rhythm: Rhythm = Rhythm()
    ack_wait_s: float = 8.0


class Renderer:
    """One process's renderer. *session* is made by ``new_session`` and outlives it."""

    def __init__(self, plan: Plan, session: aiohttp.ClientSession) -> None:
        self._plan = plan
        self._start_id = uuid4()

        def connect(backend: str, chain: UUID) -> ComfyUI:
            return ComfyUI(Transport(session, plan.tunnel_url, backend, chain))

        self._connect = connect
        facts = Facts(plan.bus, plan.keyring.transport)
        self._library = Library(plan.bus, plan.catalogue)
        own_chain = uuid4()
        shelves: defaultdict[str, Shelf] = defaultdict(Shelf)
        self.lookouts = {
            backend: Lookout(
                plan.bus, backend, connect(backend, own_chain), Inventory(self._library), plan.rhythm
            )
            for backend in plan.backends
        }
        self._studies = Studies(plan.bus, {backend: connect(backend, own_chain) for backend in plan.backends})
        self.studio = Studio(
            bus=plan.bus,
            media=MediaStore(plan.bus),
            keyring=plan.keyring,
            library=self._library,
            connect=connect,
            facts=facts,
            underway=Underway(),
            purge=HistoryPurge(facts, lambda backend: connect(backend, own_chain), shelves.__getitem__),
            object_info=self._object_info,
            doubt=self._doubt,
            own_chain=own_chain,
            shelf=shelves.__getitem__,
            limits=plan.limits,
        )

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until *stopping*; orders in hand then go back to the stream."""
        handlers = Handlers(self.studio, stopping)
        bus = self._plan.bus
        async with asyncio.TaskGroup() as group:
            group.create_task(announce(bus, self._plan.catalogue, self._start_id, stopping))
            group.create_task(self._studies.run(stopping))
            group.create_task(self._library.run(self._look_now, stopping))
            group.create_task(self.studio.purge.run(stopping))
            for backend, lookout in self.lookouts.items():
                group.create_task(self._look(lookout, stopping))
                for source, handle in (
                    (self._attempts(backend), handlers.attempt),
                    (self._cancellations(backend), handlers.cancel),
                ):
                    group.create_task(consume(bus, source, handle, stopping, gave_up=handlers.gave_up))

    async def _look(self, lookout: Lookout, stopping: asyncio.Event) -> None:
        # A report without what was imported would say that it can't be rendered any more.
        await self._library.told()
        await lookout.run(stopping)

    def _attempts(self, backend: str) -> Source:
        return Source(
            stream=subjects.RENDER,
            durable=f"renderer-{backend}",
            subject=subjects.render_attempt(backend),
            # One runs, others wait in the backend's own queue, and one hands over what it made.
            workers=1 + self._plan.staged_jobs + 1,
            ack_wait_s=self._plan.ack_wait_s,
        )

    def _cancellations(self, backend: str) -> Source:
        # A subject of their own: they never wait behind a render.
        return Source(
            stream=subjects.RENDER,
            durable=f"renderer-{backend}-cancel",
            subject=subjects.render_cancel(backend),
            ack_wait_s=self._plan.ack_wait_s,
        )

    def _doubt(self, backend: str) -> None:
        lookout = self.lookouts.get(backend)
        if lookout is not None:
            lookout.doubt()

    def _object_info(self, backend: str) -> ObjectInfo:
        lookout = self.lookouts.get(backend)
        return lookout.inventory.info if lookout is not None else {}

    def _look_now(self) -> None:
        for lookout in self.lookouts.values():
            lookout.look_now()

    async def way_through(self) -> Way:
        """Why nothing gets through the tunnel, for the canary."""
        return await way_through([self._connect(backend, uuid4()) for backend in self._plan.backends])

    def moment(self) -> object:
        """Another value when something about the tunnel, or what is behind it, has changed."""
        return tuple((one.trouble, one.is_reachable) for one in self.lookouts.values())

    async def check_tunnel(self) -> str:
        """For ``/readyz``: empty when the tunnel answers. A backend that is off leaves us ready."""
        return next((lookout.trouble for lookout in self.lookouts.values() if lookout.trouble), "")


def new_session(names: Iterable[str] = ()) -> aiohttp.ClientSession:
    """
    A session that goes where it is told and remembers nothing: no proxy variables, no cookies.

    Args:
        names: Names that may be looked up: the tunnel's.
    """
    return aiohttp.ClientSession(
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=0, resolver=OnlyNames(names)),
        skip_auto_headers={"User-Agent"},
    )

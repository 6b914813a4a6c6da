"""This host's hidden services: what ``anon`` publishes, as the identity says, until told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog
from msgspec import Struct
from msgspec.structs import replace

from services.common.run import until
from services.tunnel.anon.anon import Anon
from services.tunnel.anon.anonrc import AnonPlan
from services.tunnel.anon.life import Life
from services.tunnel.backends import Backend
from services.tunnel.errors import TunnelDownError
from services.tunnel.host import role
from services.tunnel.host.identity import Identity
from services.tunnel.host.identity_file import (
    ensure_identity,
    identity_path,
    new_key,
    read_identity,
    write_identity,
)
from services.tunnel.host.publication import Publication
from services.tunnel.host.service_dir import authorize, hostname, write_service

COMFYUI, WEB = "comfyui", "web"

_LOOK_EVERY_S = 0.5


class Published(Struct, frozen=True, kw_only=True):
    """A service can be found by its address from now on."""

    service: str
    address: str


News = Life | Published


class Plan(Struct, frozen=True, kw_only=True):
    """
    What is published, and how.

    Attributes:
        folder: The host role's own.
        home: The data directory.
        anon: What anon is to be, but for the lines of this role.
        socket: Where the guard listens; ``None``: no ComfyUI is published.
        clients: Who is let in besides those whom the identity names already.
        page: The web chat, if it is published.
        has_pow: The binary knows proof of work.
    """

    folder: Path
    home: Path
    anon: AnonPlan
    socket: Path | None
    clients: tuple[str, ...] = ()
    page: Backend | None = None
    has_pow: bool = False


class Onion:
    """
    Args:
        plan: What is published.
        tell: Told how anon lives, and of each address as soon as it can be found.
    """

    def __init__(self, plan: Plan, tell: Callable[[News], None]) -> None:
        self._plan = plan
        self._tell = tell
        self._life = Life()
        self._publication = Publication()
        self._heard_of = 0
        self._subscribing: set[asyncio.Task[None]] = set()
        self._folders: dict[str, Path] = {}
        if plan.socket is not None:
            self._folders[COMFYUI] = plan.folder / COMFYUI
        if plan.page is not None:
            self._folders[WEB] = plan.folder / WEB

    def addresses(self) -> dict[str, str]:
        """Of each service, as ``anon`` wrote it; those that it has not written yet are missing."""
        said = {service: hostname(folder) for service, folder in self._folders.items()}
        return {service: address for service, address in said.items() if address}

    async def missing(self) -> str:
        """Health check: empty while anon is up and every service can be found."""
        if self._life.phase != "up":
            return self._life.words or "anon is not up"
        known = self.addresses()
        lacking = [
            service
            for service in self._folders
            if service not in known or not self._publication.is_published(known[service])
        ]
        return f"not published yet: {', '.join(lacking)}" if lacking else ""

    async def run(self, stopping: asyncio.Event) -> None:
        """
        Publish until *stopping*.

        Whoever is let in is let in at once. Whoever is shut out is so by new introduction points: with what
        a client had learnt before nobody gets in any more, and what was open is cut.

        Raises:
            ConfigError: The identity, the binary, its terms or an option.
        """
        identity = self._identity()
        while not stopping.is_set():
            self._write(identity)
            anon = await Anon.planned(replace(self._plan.anon, lines=self._lines()))
            anon.watch(lambda life, anon=anon: self._lives(anon, life))
            self._heard_of = 0
            ending = asyncio.Event()
            running = asyncio.create_task(anon.run(ending))
            try:
                identity = await self._until_shut_out(identity, anon, running, stopping)
            finally:
                ending.set()
                await running

    def _identity(self) -> Identity:
        path = identity_path(self._plan.home)
        before = ensure_identity(path)
        identity = before if self._plan.page is None else before.with_web(new_key())
        for client in self._plan.clients:
            identity = identity.with_client(client, new_key())
        if identity != before:
            write_identity(path, identity)
        return identity

    def _write(self, identity: Identity) -> None:
        for service, folder in self._folders.items():
            if service == COMFYUI:
                write_service(folder, identity.comfyui, identity.clients)
            elif identity.web is not None:
                write_service(folder, identity.web, None)

    def _lines(self) -> tuple[str, ...]:
        plan, lines = self._plan, list[str]()
        if plan.socket is not None:
            lines += role.comfyui_lines(self._folders[COMFYUI], plan.socket)
        if plan.page is not None:
            lines += role.web_lines(self._folders[WEB], plan.page, has_pow=plan.has_pow)
        return tuple(lines)

    async def _until_shut_out(
        self, identity: Identity, anon: Anon, running: asyncio.Task[None], stopping: asyncio.Event
    ) -> Identity:
        """Follow the identity's file until something in it asks for a new process, or it is over."""
        path = identity_path(self._plan.home)
        while not await until(stopping, _LOOK_EVERY_S) and not running.done():
            now = read_identity(path)
            if now is None or now == identity:  # while it is replaced by a backup there may be none
                continue
            is_more = now == replace(identity, clients=now.clients) and (
                identity.clients.items() <= now.clients.items()
            )
            structlog.get_logger().info("identity changed", clients=sorted(now.clients), restarts=not is_more)
            identity = now
            if not is_more:
                break
            authorize(self._folders[COMFYUI], identity.clients)
            with suppress(TunnelDownError):  # the next process reads it
                await anon.reload()
        return identity

    def _lives(self, anon: Anon, life: Life) -> None:
        if life.generation != self._life.generation:
            self._publication.begin(())
        self._life = life
        self._tell(life)
        if life.phase in {"bootstrapping", "up"} and self._heard_of != life.generation:
            self._heard_of = life.generation
            task = asyncio.create_task(self._subscribe(anon))
            self._subscribing.add(task)
            task.add_done_callback(self._subscribing.discard)

    async def _subscribe(self, anon: Anon) -> None:
        self._publication.begin(self.addresses().values())
        try:
            await anon.on_event("HS_DESC", self._heard)
        except TunnelDownError:
            self._heard_of = 0  # tried again as soon as it is up

    def _heard(self, event: str) -> None:
        # HS_DESC Action HSAddress AuthType HsDir …
        words = event.partition("HS_DESC ")[2].split()
        if len(words) < 4 or not self._publication.heard(words[0], words[1], words[3]):
            return
        for service, address in self.addresses().items():
            if address.startswith(f"{words[1]}."):
                self._tell(Published(service=service, address=address))

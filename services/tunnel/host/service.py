"""The host role put together: guard, purge, sweep and hidden services."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import structlog

from services.common import health
from services.common.errors import ConfigError
from services.tunnel.anon.anonrc import AnonPlan
from services.tunnel.anon.binary import find_binary
from services.tunnel.anon.life import Life
from services.tunnel.anon.terms import is_agreed
from services.tunnel.backends import Backend
from services.tunnel.host.comfyui import OwnComfyUI
from services.tunnel.host.config import Settings
from services.tunnel.host.guard import Guard
from services.tunnel.host.modules import has_module
from services.tunnel.host.onion import News, Onion, Plan
from services.tunnel.host.purge import Purge
from services.tunnel.host.seen import Seen
from services.tunnel.host.socket_listener import SocketListener
from services.tunnel.host.sweep import Sweep
from services.tunnel.loopback import is_loopback, localhost_addresses
from services.tunnel.proxy import Proxy
from services.tunnel.stall import Idle
from services.tunnel.ways import direct_ways


async def serve(settings: Settings, stopping: asyncio.Event, tell: Callable[[News], None]) -> None:
    """
    Be the host until *stopping*.

    Args:
        settings: Of the role.
        stopping: Set when it is to end.
        tell: Told how anon lives, and of each address as soon as it can be found.

    Raises:
        ConfigError: A setting is missing or wrong, the identity is open to others, or a host runs already.
    """
    comfyui, page = settings.comfyui(), settings.web()
    if comfyui is None and page is None:
        raise ConfigError("Nothing to publish: set TUNNEL_COMFYUI_URL, TUNNEL_WEB_URL or both.")
    await _require_here(comfyui, page)
    home = settings.darkroom_home.expanduser().resolve()
    folder = home / "tunnel" / "host"
    binary = find_binary(settings.anon_binary, home)
    with _claimed(folder):
        onion = Onion(
            Plan(
                folder=folder,
                home=home,
                anon=AnonPlan(
                    binary=binary,
                    data_dir=folder / "anon",
                    extra=_extra(settings.anon_config),
                    agreed=is_agreed(settings.anon_agree_to_terms, home),
                    socks=False,
                ),
                socket=folder / "run" / "guard.socket" if comfyui else None,
                clients=settings.clients(),
                page=page,
                has_pow=await has_module(binary, "pow"),
            ),
            tell,
        )
        checks: dict[str, health.Check] = {"anon": onion.missing}
        async with health.serving(health.health_routes(checks), settings.health_host, settings.health_port):
            if comfyui is None:
                await onion.run(stopping)
            else:
                async with _guarding(settings, comfyui, folder / "run" / "guard.socket", checks) as sweep:
                    sweeping = asyncio.create_task(sweep.run(stopping))
                    try:
                        await onion.run(stopping)
                    finally:
                        sweeping.cancel()
                        await asyncio.gather(sweeping, return_exceptions=True)


def log_news(news: News) -> None:
    """What the service says of its addresses: that there are some, not which."""
    if not isinstance(news, Life):
        structlog.get_logger().info("published", service=news.service)


@asynccontextmanager
async def _guarding(
    settings: Settings, comfyui: Backend, socket: Path, checks: dict[str, health.Check]
) -> AsyncGenerator[Sweep]:
    folders = settings.folders()
    if folders is None:
        structlog.get_logger().warning("purge of files is off: set TUNNEL_COMFYUI_DIR to turn it on")
    inputs, prompts = Seen(), Seen()
    limit_s = settings.tunnel_idle_timeout_s
    async with direct_ways() as ways:
        own = OwnComfyUI(comfyui, ways)
        purge = Purge(own, folders, inputs, grace_s=settings.tunnel_input_grace_s)
        guard = Guard(comfyui, purge, settings.limits(), inputs, prompts)
        proxy = Proxy(guard, ways, idle=Idle(answer_s=limit_s, upload_s=limit_s, body_s=limit_s))
        listener = SocketListener(proxy, socket)
        checks["guard"] = listener.missing
        async with listener.listening():
            yield Sweep(
                own,
                folders,
                purge,
                prompts,
                retention_s=settings.tunnel_retention_s,
                every_s=settings.tunnel_sweep_every_s,
            )


async def _require_here(*services: Backend | None) -> None:
    localhost = await localhost_addresses()
    for service in services:
        if service is None:
            continue
        addresses = localhost if service.host == "localhost" else [service.host]
        if not addresses or not all(is_loopback(address) for address in addresses):
            raise ConfigError(
                f"{service.host} is not on this machine, and a host publishes what is beside it only. "
                "Start it where the program runs, with an address like http://127.0.0.1:8188."
            )


@contextmanager
def _claimed(folder: Path) -> Generator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise ConfigError(f"{folder} can't be used: {exc.strerror}. Choose another DARKROOM_HOME.") from exc
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise ConfigError(
                f"A host runs on {folder} already. Stop it first, or choose another DARKROOM_HOME."
            ) from exc
        yield
    finally:
        os.close(fd)


def _extra(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(
            f"ANON_CONFIG names {path}, which can't be read. Name a file of anonrc lines."
        ) from exc

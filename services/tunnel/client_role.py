"""The client role's two modes, put together: how backends are reached, and what is patient with what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from msgspec import Struct

from services.common.errors import ConfigError
from services.common.health import Check
from services.tunnel.anon import terms
from services.tunnel.anon.anon import Anon
from services.tunnel.anon.anonrc import AnonPlan, quoted
from services.tunnel.anon.binary import find_binary
from services.tunnel.anon_ways import anon_ways
from services.tunnel.backends import Backend, parse_backends
from services.tunnel.config import Settings
from services.tunnel.errors import TunnelDownError
from services.tunnel.hidden_service import alias_file, parse_aliases, with_addresses
from services.tunnel.loopback import localhost_addresses, require_loopback
from services.tunnel.own_routes import OwnRoutes
from services.tunnel.stall import Idle
from services.tunnel.ways import Ways, direct_ways

_ANON_IDLE = Idle(answer_s=30.0, upload_s=120.0, body_s=20.0)
"""
Through circuits. A dead host is silent for a minute and more before ``anon`` knows; a live one has a busy
ComfyUI behind it, and of an upload some MiB lie in buffers that a slow circuit takes a minute to empty. An
answer that stops half-way costs little: the rest is asked for by Range.
"""
_ANON_HEARTBEAT_S = 15.0
_DIRECT_HEARTBEAT_S = 20.0


class Mode(Struct, frozen=True, kw_only=True):
    """
    What the proxy is made with.

    Attributes:
        backends: By name.
        ways: To them.
        own: The tunnel's own routes.
        idle: How long an exchange may stand still.
        heartbeat_s: How often a silent WebSocket is pinged.
        checks: What makes the service ready, besides that it listens.
        door: Where its way begins; nothing while it has none of its own.
        moment: Another value when the way has changed.
    """

    backends: Mapping[str, Backend]
    ways: Ways
    own: OwnRoutes
    idle: Idle
    heartbeat_s: float
    checks: Mapping[str, Check]
    door: Callable[[], tuple[str, int] | None]
    moment: Callable[[], object]


def mode(settings: Settings) -> AbstractAsyncContextManager[Mode]:
    """
    What ``DARKROOM_TUNNEL`` asks for, while the block runs.

    Raises:
        ConfigError: The message says what to do.
    """
    return _through_anon(settings) if settings.darkroom_tunnel == "anon" else _direct(settings)


@asynccontextmanager
async def _direct(settings: Settings) -> AsyncGenerator[Mode]:
    backends = parse_backends(settings.darkroom_backends)
    require_loopback(backends.values(), await localhost_addresses())
    async with direct_ways() as ways:
        yield Mode(
            backends=backends,
            ways=ways,
            own=OwnRoutes("direct", backends),
            idle=_idle(settings, Idle()),
            heartbeat_s=_DIRECT_HEARTBEAT_S,
            checks={},
            door=lambda: None,
            moment=lambda: None,
        )


@asynccontextmanager
async def _through_anon(settings: Settings) -> AsyncGenerator[Mode]:
    named = parse_backends(settings.darkroom_backends)
    plan = _plan(settings)
    anon = await Anon.planned(plan, bootstrap_timeout_s=settings.anon_bootstrap_timeout_s)
    tld = anon.flavour.tld
    backends = with_addresses(named, tld, _aliases(plan.data_dir, tld))

    async def anon_missing() -> str:
        return anon.life.words

    def door() -> tuple[str, int] | None:
        try:
            return anon.socks
        except TunnelDownError:
            return None

    # Not with the service's own event: it ends only when the requests that go through it have.
    stopping = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(anon.run(stopping))
            try:
                async with anon_ways(anon, tld, backends.values()) as ways:
                    yield Mode(
                        backends=backends,
                        ways=ways,
                        own=OwnRoutes("anon", backends, anon, ways.kept),
                        idle=_idle(settings, _ANON_IDLE),
                        heartbeat_s=_ANON_HEARTBEAT_S,
                        checks={"anon": anon_missing},
                        door=door,
                        moment=lambda: (anon.life.phase, anon.life.generation),
                    )
            finally:
                stopping.set()
    except ExceptionGroup as group:
        if len(group.exceptions) == 1:
            raise group.exceptions[0] from None  # as bare as if no group had been needed
        raise


def _plan(settings: Settings) -> AnonPlan:
    home = settings.darkroom_home
    binary = find_binary(settings.anon_binary, home)
    role_dir = home / "tunnel" / "client"
    keys_dir = role_dir / "authorized"
    try:
        keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys_dir.chmod(0o700)
    except OSError as exc:
        raise ConfigError(f"{keys_dir} can't be used: {exc.strerror}. Choose another DARKROOM_HOME.") from exc
    return AnonPlan(
        binary=binary,
        data_dir=role_dir / "anon",
        extra=_text(settings.anon_config, "ANON_CONFIG") if settings.anon_config else "",
        agreed=terms.is_agreed(settings.anon_agree_to_terms, home),
        lines=(f"ClientOnionAuthDir {quoted(keys_dir)}",),
    )


def _aliases(data_dir: Path, tld: str) -> Mapping[str, str]:
    name = alias_file(tld)
    if name is None or not (data_dir / name).exists():
        return {}
    return parse_aliases(_text(data_dir / name, "anon's data directory"), tld)


def _text(path: Path, source: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{source}: {path} can't be read as text. Give a file of lines.") from exc


def _idle(settings: Settings, default: Idle) -> Idle:
    limit_s = settings.tunnel_idle_timeout_s
    return default if limit_s is None else Idle(answer_s=limit_s, upload_s=limit_s, body_s=limit_s)

"""The renderer's canary: it may reach the tunnel and NATS, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

from services.common.bus import Bus, hosts
from services.common.canary.canary import Canary, Post, Way
from services.common.canary.guard import is_literal, stand_guard
from services.common.canary.proc_net import Endpoint, canonical
from services.common.canary.settings import parse_outside
from services.common.canary.through import way_to_any
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.patience import TROUBLE
from services.renderer.config import Settings
from services.renderer.errors import TunnelDownError

TRY_S = 40.0
"""Longer than the tunnel itself tries, so that its answer is heard."""

_PORT = 80


async def way_through(backends: Sequence[ComfyUI], *, timeout_s: float = TRY_S) -> Way:
    """Why none of *backends* answers through the tunnel; each is asked on behalf of a chain of its own."""
    return await way_to_any(_answers(one, timeout_s) for one in backends)


async def _answers(comfyui: ComfyUI, timeout_s: float) -> Way:
    try:
        async with asyncio.timeout(timeout_s):
            await comfyui.system_stats()
    except TROUBLE as exc:
        return "tunnel-down" if exc.code == TunnelDownError.code else "no-backend"
    except TimeoutError:
        return "no-backend"
    return ""


def tunnel_of(settings: Settings) -> tuple[str, int]:
    """The tunnel's host and port."""
    url = urlsplit(settings.tunnel_url)
    return url.hostname or "", url.port or _PORT


class Surroundings:
    """
    Where this renderer is told to go.

    Args:
        settings: The renderer's.
        bus: NATS.
    """

    def __init__(self, settings: Settings, bus: Bus) -> None:
        self.tunnel = tunnel_of(settings)
        self._bus = bus

    def told(self) -> set[Endpoint]:
        """NATS and the tunnel, as far as they are given by address; names are followed by the guard."""
        return {
            (canonical(host), port) for host, port in (self.tunnel, *self._bus.servers) if is_literal(host)
        }


async def _never() -> bool:
    return False  # there is no code here that could reach a backend without the tunnel


class Watched(Protocol):
    """A renderer, as far as its canary needs it."""

    async def way_through(self) -> Way:
        """Why nothing gets through the tunnel; empty when something does."""
        ...

    def moment(self) -> object:
        """Another value when something about the tunnel has changed."""
        ...


def new_canary(settings: Settings, bus: Bus, renderer: Watched) -> Canary:
    """The renderer's canary, whose process is guarded from here on."""
    around = Surroundings(settings, bus)
    post = Post(
        position="renderer",
        mode=settings.darkroom_tunnel,
        way=renderer.way_through,
        door=lambda: around.tunnel,
        told=around.told,
        escapes=_never,
        moment=renderer.moment,
        outside=parse_outside(settings.darkroom_canary),
        interval_s=settings.egress_check_interval_s,
    )
    names = (*hosts(settings.nats_url.value), around.tunnel[0], settings.health_host)
    return Canary(post, uuid4(), stand_guard(names))

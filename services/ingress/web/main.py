"""The web chat, wired: the page is served at once, NATS may come later."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import structlog

from services.common.config import read_settings
from services.common.consumer import consume
from services.common.health import health_routes, serving
from services.common.keys import Keyring, read_keyring
from services.common.media import MediaStore
from services.common.startup import connect_bus
from services.ingress.gallery import Gallery
from services.ingress.replies import replies_to
from services.ingress.server import listening
from services.ingress.submission import Submitter
from services.ingress.web.app import make_app
from services.ingress.web.assets import Assets
from services.ingress.web.config import Settings
from services.ingress.web.feeds import Feeds
from services.ingress.web.in_hand import InHand
from services.ingress.web.offering import Offering
from services.ingress.web.readiness import readiness
from services.ingress.web.replies import Replies
from services.ingress.web.studio import Door, Studio

_PAGE = Path(__file__).parent.parent / "page"
_FINISH_S = 8.0
_REPLIES = replies_to("web", workers=4)
# What NATS knows this connection by; its permissions and its inbox go by it.
_NAME = "ingress-web"


async def main(environ: Mapping[str, str], stopping: asyncio.Event) -> None:
    """
    Serve the web chat until *stopping*.

    Raises:
        ConfigError: A setting is missing or wrong.
        StoppedError: Stopped before NATS was there.
    """
    settings = read_settings(Settings, environ)
    keyring = read_keyring(settings.key_file)
    door, in_hand, offering, feeds = Door(), InHand(), Offering(), Feeds()
    app = make_app(
        keyring=keyring,
        assets=Assets(_PAGE),
        door=door,
        in_hand=in_hand,
        offering=offering,
        feeds=feeds,
        hosts=settings.hosts,
        onion=settings.onion,
        behind_proxy=settings.behind_proxy,
        stopping=stopping,
    )
    async with serving(health_routes(readiness(door)), settings.health_host, settings.health_port):
        try:
            async with listening(app, settings.host, settings.port, variables="DARKROOM_WEB") as port:
                structlog.get_logger().info("serving", host=settings.host, port=port)
                studio = await _reach(settings, keyring, stopping)
                door.open(studio)
                async with asyncio.TaskGroup() as group:
                    group.create_task(offering.keep(studio.bus, keyring, stopping))
                    replies = Replies(studio.bus, keyring, feeds)
                    group.create_task(consume(studio.bus, _REPLIES, replies.handle, stopping))
                # A server that is being closed reads no more of anybody's upload.
                await in_hand.finished(_FINISH_S)
        finally:
            # After the page's server: requests in hand still need NATS.
            await door.close()


async def _reach(settings: Settings, keyring: Keyring, stopping: asyncio.Event) -> Studio:
    # Without the streams the page can say what is missing, and everything else waits for them by itself.
    # What it says itself it hears from `Feeds` already.
    bus = await connect_bus(settings.nats_url.value, _NAME, stopping, await_streams=False, echo=False)
    media = MediaStore(bus)
    return Studio(bus=bus, gallery=Gallery(bus, keyring, media), submitter=Submitter(bus, keyring, media))

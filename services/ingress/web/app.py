"""The web chat's routes, put together."""

from __future__ import annotations

import asyncio

from aiohttp import web

from services.common.keys import Keyring
from services.ingress.web.assets import Assets
from services.ingress.web.feeds import Feeds
from services.ingress.web.following import Following
from services.ingress.web.gate import gate
from services.ingress.web.headers import announce, protect
from services.ingress.web.in_hand import InHand
from services.ingress.web.offering import Offering
from services.ingress.web.origin import may_withhold_cookie
from services.ingress.web.pressing import Pressing
from services.ingress.web.saying import Saying
from services.ingress.web.showing import Showing
from services.ingress.web.studio import Door
from services.ingress.web.visitor import Visitors

# Of what is read whole, which is presses; messages have limits of their own.
_READ_WHOLE_BYTES = 16 * 1024


def make_app(
    *,
    keyring: Keyring,
    assets: Assets,
    door: Door,
    in_hand: InHand,
    offering: Offering,
    feeds: Feeds,
    hosts: frozenset[str],
    onion: str,
    behind_proxy: bool,
    stopping: asyncio.Event,
) -> web.Application:
    """
    The application.

    Args:
        keyring: Signs cookies, opens what is sealed.
        assets: The page.
        door: Where requests find NATS once it is there.
        in_hand: Counts the messages that are being taken.
        offering: What can be asked for.
        feeds: Where event streams hear of replies that are taken here.
        hosts: Names besides loopback under which the page may be asked for.
        onion: The page's address as a hidden service, one of *hosts*; empty when it is none.
        behind_proxy: Whether ``X-Forwarded-Proto`` is the proxy's word.
        stopping: Set when the service is to stop; event streams end then.
    """
    visitors = Visitors(keyring, onion=onion, behind_proxy=behind_proxy)

    async def page(request: web.Request) -> web.Response:
        response = assets.page(request)
        if not may_withhold_cookie(request.headers):
            visitors.welcome(request, response)
        return response

    following = Following(visitors, door, keyring, offering=offering, feeds=feeds, stopping=stopping)
    app = web.Application(middlewares=[gate(hosts, stopping)], client_max_size=_READ_WHOLE_BYTES)
    app.on_response_prepare.append(protect)
    if onion:
        app.on_response_prepare.append(announce(onion))
    app.add_routes(
        [
            web.get("/", page),
            web.get("/static/{file}", assets.static),
            web.get("/media/{image_id}", Showing(visitors, door).handle),
            web.get("/events", following.handle, allow_head=False),
            web.post("/say", Saying(visitors, door, in_hand, stopping).handle),
            web.post("/press", Pressing(visitors, door, stopping).handle),
        ]
    )
    return app

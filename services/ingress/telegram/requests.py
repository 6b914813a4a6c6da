"""The library's transport, made for one way to the Bot API. The environment's proxies have no part in it."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from telegram import Bot
from telegram.error import NetworkError
from telegram.request import HTTPXRequest

from services.ingress.telegram.connect_backend import ConnectBackend, NoWayError
from services.ingress.telegram.refusals import NoWay, TooManyRequests
from services.ingress.telegram.tunnel_transport import TunnelTransport

UPLOAD_S = 120.0
_ANSWER_S = 20.0
_CONNECT_S = 10.0
_TUNNEL_CONNECT_S = 40.0  # longer than the tunnel tries, which then says why it could not
_CALLS = 32  # at a time


class BotRequest(HTTPXRequest):
    """The library's, but for the pause of a 429, of which it would warn, and the reason of a closed way."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: D102 - as inherited
        try:
            status, payload = await super().do_request(*args, **kwargs)
        except NetworkError as exc:
            if isinstance(exc.__cause__, NoWayError):
                raise NoWay(str(exc.__cause__)) from exc
            raise
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise TooManyRequests(_retry_after_s(payload))
        return status, payload


def _retry_after_s(payload: bytes) -> float:
    try:
        return float(json.loads(payload)["parameters"]["retry_after"])
    except (ValueError, KeyError, TypeError):
        return 1.0


def _direct(proxy: str | None, connections: int) -> BotRequest:
    """*proxy* has to be named, since a default would be taken from the environment."""
    return BotRequest(
        connection_pool_size=connections,
        proxy=proxy,
        read_timeout=_ANSWER_S,
        write_timeout=_ANSWER_S,
        connect_timeout=_CONNECT_S,
        pool_timeout=_ANSWER_S,
        media_write_timeout=UPLOAD_S,
        httpx_kwargs={"trust_env": False},
    )


def _tunnelled(backend: ConnectBackend, connections: int) -> BotRequest:
    return BotRequest(
        read_timeout=_ANSWER_S,
        write_timeout=_ANSWER_S,
        connect_timeout=_TUNNEL_CONNECT_S,
        pool_timeout=_TUNNEL_CONNECT_S,
        media_write_timeout=UPLOAD_S,
        httpx_kwargs={
            "trust_env": False,
            "transport": TunnelTransport(backend, connections=connections),
        },
    )


def build_bot(*, token: str, api_url: str, way: ConnectBackend | str | None) -> Bot:
    """
    A bot on the Bot API server at *api_url*; nothing is sent yet.

    Args:
        token: Its token.
        api_url: Address of the server.
        way: Through the tunnel, through the HTTP proxy of that address, or directly.
    """

    def request(connections: int) -> BotRequest:
        if isinstance(way, ConnectBackend):
            return _tunnelled(way, connections)
        return _direct(way, connections)

    base = api_url.rstrip("/")
    return Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=request(_CALLS),
        get_updates_request=request(1),
    )

"""Settings of the Telegram channel."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from services.common.config import Secret
from services.ingress.settings import ChannelSettings, Host, Port

API_URL = "https://api.telegram.org"
"""Telegram's own Bot API server."""


class Settings(ChannelSettings, frozen=True, kw_only=True):
    """Read once, passed down."""

    token: Annotated[Secret, Meta(description="Give the token that @BotFather gave you.")] = field(
        name="TELEGRAM_TOKEN"
    )
    allow: Annotated[
        str,
        Meta(
            description="List the numeric Telegram ids of people and chats that may use the bot, separated "
            "by commas, or * for everyone. To learn your id set it to 0 and write to the bot: it tells you."
        ),
    ] = field(name="DARKROOM_ALLOW")
    api_url: Annotated[
        str,
        Meta(pattern="^https?://", description="Give the Bot API server's address, like https://host."),
    ] = field(default=API_URL, name="TELEGRAM_API_URL")
    via: Annotated[
        Literal["direct", "tunnel"],
        Meta(
            description="Use tunnel to reach the Bot API through the Anyone network and not otherwise, "
            "direct to reach it from this machine's own address."
        ),
    ] = field(default="direct", name="DARKROOM_TELEGRAM_VIA")
    connect_url: Annotated[
        str,
        Meta(
            pattern=r"^http://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}/?$",
            description="Say where the tunnel takes CONNECT: http://host:port.",
        ),
    ] = field(default="http://127.0.0.1:9086", name="TUNNEL_CONNECT_URL")
    proxy: Annotated[
        str,
        Meta(
            pattern="^(https?://.+)?$",
            description="Give the HTTP proxy to reach the Bot API through, or leave it empty.",
        ),
    ] = field(default="", name="TELEGRAM_PROXY")
    webhook_url: Annotated[
        str,
        Meta(
            pattern=r"^(https://\S+|http://(127\.0\.0\.1|localhost)[:/]\S*)?$",
            description="Give the https address at which Telegram reaches TELEGRAM_WEBHOOK_HOST and _PORT "
            "(http only on loopback), or leave it empty to have updates fetched.",
        ),
    ] = field(default="", name="TELEGRAM_WEBHOOK_URL")
    webhook_host: Host = field(default="127.0.0.1", name="TELEGRAM_WEBHOOK_HOST")
    webhook_port: Port = field(default=8443, name="TELEGRAM_WEBHOOK_PORT")
    health_port: Port = field(default=9085, name="HEALTH_PORT")

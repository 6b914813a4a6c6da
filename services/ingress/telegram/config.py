"""Settings of the Telegram channel."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field

from services.common.config import Secret


class Settings(Struct, frozen=True, kw_only=True):
    """Read once, passed down."""

    nats_url: Annotated[str, Meta(description="Say where NATS is: nats://user:password@host:4222.")] = field(
        name="NATS_URL"
    )
    key_file: Annotated[
        Path, Meta(description="Name the deployment's key file; make one with: openssl rand -base64 32.")
    ] = field(name="DARKROOM_KEY_FILE")
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
    ] = field(default="https://api.telegram.org", name="TELEGRAM_API_URL")
    proxy: Annotated[
        str,
        Meta(
            pattern="^(https?://.+)?$",
            description="Give the HTTP proxy to reach the Bot API through, or leave it empty.",
        ),
    ] = field(default="", name="TELEGRAM_PROXY")
    health_host: Annotated[str, Meta(description="Name an address of this machine.")] = field(
        default="127.0.0.1", name="HEALTH_HOST"
    )
    health_port: Annotated[int, Meta(ge=0, le=65535, description="Name a free TCP port.")] = field(
        default=9085, name="HEALTH_PORT"
    )

"""Which way the Bot API is reached, and which settings contradict it. Pure."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from services.common.errors import ConfigError
from services.ingress.telegram.config import Settings

_PORTS = {"http": 80, "https": 443}
# Which of them the tunnel's program knows is the tunnel's to check: it refuses to start with another's.
_HIDDEN = re.compile(r"(?:[a-z0-9-]+\.)*[a-z2-7]{56}\.(?:anon|anyone|onion)")


class Door(Struct, frozen=True):
    """Where the tunnel takes CONNECT."""

    host: str
    port: int


def authority(api_url: str) -> str:
    """
    Host and port of the Bot API server at *api_url*, as the tunnel's list has it.

    Raises:
        ConfigError: The address names no host, or no port that there is.
    """
    host, port = _host_and_port(_split(api_url))
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def door(settings: Settings) -> Door | None:
    """
    The only way out when the tunnel is the way; nothing when the Bot API is reached directly.

    Raises:
        ConfigError: What is set would go around the tunnel, or be readable behind it.
    """
    if settings.via == "direct":
        return None
    if settings.proxy:
        raise ConfigError(
            "TELEGRAM_PROXY and DARKROOM_TELEGRAM_VIA=tunnel are two ways, and the tunnel has to be the only "
            "one. Leave one of them out."
        )
    if settings.webhook_url:
        raise ConfigError(
            "TELEGRAM_WEBHOOK_URL and DARKROOM_TELEGRAM_VIA=tunnel contradict each other: a webhook is an "
            "address of yours that Telegram is told and connects to, and the tunnel is there to keep that "
            "from it. Leave TELEGRAM_WEBHOOK_URL out: updates are then fetched, through the tunnel."
        )
    url = _split(settings.api_url)
    host, _ = _host_and_port(url)
    if url.scheme == "http" and not _is_loopback(host) and not _HIDDEN.fullmatch(host):
        raise ConfigError(
            f"TELEGRAM_API_URL begins with http:// and DARKROOM_TELEGRAM_VIA=tunnel: where the network ends, "
            f"a stranger could read the bot's token on the way to {host}. Use https://."
        )
    return Door(*_host_and_port(_split(settings.connect_url)))


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as exc:
        raise ConfigError(f"TELEGRAM_API_URL is no address: {exc}. Write it like https://host.") from exc


def _host_and_port(url: SplitResult) -> tuple[str, int]:
    try:
        port = url.port or _PORTS[url.scheme]
    except KeyError as exc:
        raise ConfigError("TELEGRAM_API_URL is no web address. Write it like https://host.") from exc
    except ValueError as exc:
        raise ConfigError("TELEGRAM_API_URL has a port that is none. Write it like https://host.") from exc
    if not url.hostname or url.username is not None:
        raise ConfigError("TELEGRAM_API_URL needs a host and nothing before it. Write it like https://host.")
    return url.hostname, port


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

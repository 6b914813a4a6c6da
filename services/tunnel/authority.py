"""Where CONNECT may lead: host and port, by a list that the operator's settings give."""

from __future__ import annotations

import ipaddress
import re

from msgspec import Struct

from services.common.errors import ConfigError
from services.tunnel.errors import AddressRefusedError, RouteRefusedError
from services.tunnel.hidden_service import require_reachable

# One spelling per place, as with targets: no user, no empty label, no final dot, no leading zero.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_AUTHORITY = re.compile(
    rf"(?:\[(?P<six>[0-9A-Fa-f:.]{{2,45}})\]|(?P<host>{_LABEL}(?:\.{_LABEL})*)):(?P<port>[1-9][0-9]{{0,4}})"
)
_HOST_MOST = 253


class Authority(Struct, frozen=True, order=True):
    """One place to connect to."""

    host: str
    """A name or a literal address in small letters, IPv6 without brackets."""
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_authority(raw: str) -> Authority:
    """
    Read *raw*, like ``host:443`` or ``[::1]:443``; the port is never left out.

    Raises:
        RouteRefusedError: It is written in any other way.
    """
    found = _AUTHORITY.fullmatch(raw)
    if found is None or int(found["port"]) > 65535:
        raise RouteRefusedError("The target is no host with a port.")
    host = (found["six"] or found["host"]).lower()
    if len(host) > _HOST_MOST or (_looks_numeric(host) and not _is_address(host)):
        raise RouteRefusedError("The target's host is neither a name nor an address.")
    return Authority(host=host, port=int(found["port"]))


def _looks_numeric(host: str) -> bool:
    # Resolvers take "127.1", "0x7f.1" and "2130706433" for addresses too.
    return ":" in host or host.rpartition(".")[2].isdigit() or host.rpartition(".")[2].startswith("0x")


def _is_address(host: str) -> bool:
    try:
        return str(ipaddress.ip_address(host)) == host
    except ValueError:
        return False


def parse_allowed(text: str) -> frozenset[Authority]:
    """
    Read ``TUNNEL_CONNECT_ALLOW``: ``host:port``, several separated by commas; empty for none.

    Raises:
        ConfigError: Names the entry and how to write it.
    """
    allowed: set[Authority] = set()
    entries = [entry.strip() for entry in text.split(",")]
    for number, entry in enumerate(filter(None, entries), start=1):
        try:
            allowed.add(parse_authority(entry))
        except RouteRefusedError as exc:
            raise ConfigError(
                f"TUNNEL_CONNECT_ALLOW, entry {number}: {exc} Write it as host:port, like bot.example:443."
            ) from exc
    return frozenset(allowed)


def require_anon(allowed: frozenset[Authority], mode: str) -> None:
    """
    Refuse a list in any mode but ``anon``: relayed directly, the list's places would see this machine.

    Raises:
        ConfigError: Names both ways out.
    """
    if allowed and mode != "anon":
        raise ConfigError(
            f"DARKROOM_TELEGRAM_VIA=tunnel needs DARKROOM_TUNNEL=anon, and it is {mode}: nothing would hide "
            "this machine from Telegram. Set DARKROOM_TUNNEL=anon, or DARKROOM_TELEGRAM_VIA=direct. "
            "(TUNNEL_CONNECT_ALLOW is set, which is how the tunnel knows.)"
        )


def require_known(allowed: frozenset[Authority], tld: str) -> None:
    """
    Refuse a list with a hidden service that is not below *tld*: its name would go to an exit's DNS server.

    Raises:
        ConfigError: Names it.
    """
    for authority in sorted(allowed):
        try:
            require_reachable(authority.host, tld)
        except AddressRefusedError as exc:
            raise ConfigError(
                f"TUNNEL_CONNECT_ALLOW names {authority}: {exc} If it is TELEGRAM_API_URL's, correct that."
            ) from exc

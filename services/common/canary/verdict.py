"""What one check comes to. Pure."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from schemas.egress import Mode, Verdict
from services.common.canary.proc_net import Endpoint, is_loopback

VERIFIED = "verified"
_MOST_PORTS = 8


class Observation(Struct, frozen=True, kw_only=True):
    """
    What one check saw.

    Attributes:
        mode: The way that is to be used.
        way: Why nothing got through by it; empty when something did.
        sees: The observer saw a connection that was known to be open: what it does not see is not there.
        open_ways: Ports of the addresses outside that could be connected to without the tunnel.
        outside: Ports of connections that lead elsewhere than this process is told to go.
        names: How many names were asked for that nobody may be asked for.
    """

    mode: Mode
    way: str = ""
    sees: bool = True
    open_ways: tuple[int, ...] = ()
    outside: tuple[int, ...] = ()
    names: int = 0


class Judgement(Struct, frozen=True, kw_only=True):
    """A verdict, its reason as a stable slug, and facts for the operator: never a name or an address."""

    verdict: Verdict
    code: str
    details: dict[str, str] = {}


def judge(seen: Observation) -> Judgement:
    """The verdict on what was seen. A leak is one, whatever else could not be found out."""
    if seen.open_ways:
        return _leak("direct-way-open", ports=_ports(seen.open_ways))
    if seen.outside:
        return _leak("socket-outside", ports=_ports(seen.outside))
    if seen.names:
        return _leak("dns-asked", names=str(seen.names))
    if seen.way:
        return Judgement(verdict="inconclusive", code=seen.way)
    if not seen.sees:
        return Judgement(verdict="inconclusive", code="observer-blind")
    return Judgement(verdict="verified", code=VERIFIED)


def elsewhere(led_to: Collection[Endpoint], told: Collection[Endpoint]) -> tuple[int, ...]:
    """Ports of what is neither on this machine nor where the process is *told* to go, in order."""
    return tuple(sorted(port for address, port in led_to if not _is_fine(address, port, told)))


def _is_fine(address: str, port: int, told: Collection[Endpoint]) -> bool:
    return is_loopback(address) or (address, port) in told


def _leak(code: str, **details: str) -> Judgement:
    return Judgement(verdict="leaked", code=code, details=details)


def _ports(ports: tuple[int, ...]) -> str:
    return " ".join(str(port) for port in sorted(set(ports))[:_MOST_PORTS])

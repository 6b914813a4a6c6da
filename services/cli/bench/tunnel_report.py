"""What a measurement of the tunnel comes to, and how it is told. Pure but for its types."""

from __future__ import annotations

from collections.abc import Iterator

from services.cli.bench.machine import Machine
from services.cli.bench.sample import Ratio
from services.cli.bench.tunnel import Passage, Tunnel
from services.cli.bench.tunnel_ways import DIRECT, SOCKS, TUNNEL
from services.cli.finding import Verdict

_NAMES = {DIRECT: "direct", SOCKS: "bare SOCKS", TUNNEL: "Darkroom's tunnel"}
_WORDS: dict[Verdict, str] = {
    "holds": "It holds.",
    "fails": "It does not hold.",
    "unknown": "It can't be told from this.",
}


def verdicts(found: Tunnel) -> dict[str, Verdict]:
    """By target; none can be told while its interval is on both sides of it."""
    return {
        "added": _verdict(-found.added.high_ms, -found.added.low_ms, -found.added_target_ms),
        "down": _verdict(found.down.low, found.down.high, found.share_target),
        "up": _verdict(found.up.low, found.up.high, found.share_target),
    }


def lines(found: Tunnel, machine: Machine) -> Iterator[str]:
    """The measurement in words."""
    yield f"{machine.cores} cores, {machine.cpu or 'unknown processor'}, load {machine.load:g} at the start"
    yield ""
    yield (
        f"{found.rounds} rounds in random order, each way over a fresh circuit, "
        f"a file of {found.size_mib} MiB:"
    )
    yield f"  {'':<20}{'fresh chain':>14}{'small':>14}{'WebSocket':>14}{'down':>14}{'up':>14}"
    for name, passage in sorted(found.ways.items()):
        yield f"  {_NAMES[name]:<20}{_row(passage)}"
    said = verdicts(found)
    yield (
        f"  Added to a small question: {found.added.median_ms:.1f} ms, 95 % between {found.added.low_ms:.1f} "
        f"and {found.added.high_ms:.1f}. Target: less than {found.added_target_ms:g} ms. "
        f"{_WORDS[said['added']]}"
    )
    yield f"  Speed down, {_share(found.down, found.share_target)} {_WORDS[said['down']]}"
    yield f"  Speed up, {_share(found.up, found.share_target)} {_WORDS[said['up']]}"


def _row(passage: Passage) -> str:
    times = (passage.fresh, passage.small, passage.socket)
    speeds = (passage.down_mib_s, passage.up_mib_s)
    return "".join(f"{one.median_ms:>11.1f} ms" for one in times) + "".join(
        f"{one:>8.2f} MiB/s" for one in speeds
    )


def _share(found: Ratio, target: float) -> str:
    return (
        f"of bare SOCKS's: {found.median:.0%}, 95 % between {found.low:.0%} and {found.high:.0%}. "
        f"Target: at least {target:.0%}."
    )


def _verdict(low: float, high: float, target: float) -> Verdict:
    if low >= target:
        return "holds"
    return "fails" if high < target else "unknown"

"""What Darkroom's tunnel costs, compared with bare SOCKS through the same anon, in rounds."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Mapping

from msgspec import Struct

from services.cli.bench.sample import (
    Difference,
    Ratio,
    Summary,
    difference,
    in_any_order,
    median,
    ratio,
    summary,
)
from services.cli.bench.tunnel_way import MIB, Way
from services.cli.bench.tunnel_ways import SOCKS, TUNNEL, Fresh
from services.cli.bench.undisturbed import undisturbed

ADDED_TARGET_MS = 3.0
SHARE_TARGET = 0.95

_SMALL = 10
"""Small questions in a round: of one circuit, their median."""
_CALM_S = 1.0
"""Between two ways: a circuit to take the place of the one that was used is built meanwhile."""

FRESH = "fresh"
SMALL = "small"
SOCKET = "socket"
DOWN = "down"
UP = "up"


class Passage(Struct, frozen=True, kw_only=True):
    """
    One way's times.

    Attributes:
        fresh: The first request of a fresh chain.
        small: A small question over a connection that is kept.
        socket: A WebSocket, to its first message.
        down_mib_s: MiB in a second, the median of the rounds.
        up_mib_s: Likewise upwards.
    """

    fresh: Summary
    small: Summary
    socket: Summary
    down_mib_s: float
    up_mib_s: float


class Tunnel(Struct, frozen=True, kw_only=True):
    """
    What was measured.

    Attributes:
        rounds: In each every way was measured once, over a circuit of its own.
        size_mib: Of the file.
        ways: By name.
        added: How much longer a small question took through Darkroom's tunnel than through bare SOCKS.
        down: The tunnel's speed downwards, as a share of bare SOCKS's.
        up: Likewise upwards.
        added_target_ms: What *added* is to stay under.
        share_target: What *down* and *up* are not to fall below.
    """

    rounds: int
    size_mib: int
    ways: dict[str, Passage]
    added: Difference
    down: Ratio
    up: Ratio
    added_target_ms: float = ADDED_TARGET_MS
    share_target: float = SHARE_TARGET


async def measure(
    ways: Mapping[str, Fresh],
    rounds: int,
    size_mib: int,
    rng: random.Random,
    on_progress: Callable[[str], None],
) -> Tunnel:
    """
    Measure all *ways* in turn, in an order of its own in each round.

    Args:
        ways: By name; each is opened anew every time, over a fresh circuit: none has the better one.
        rounds: How many, at least 2.
        size_mib: Of the file that goes up and down.
        rng: For the order, the file and the intervals.
        on_progress: Told how far it is.

    Raises:
        UnavailableError: The backend is out of reach.
        RejectedError: It is no ComfyUI.
    """
    data = rng.randbytes(size_mib * MIB)
    seconds: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in ways}
    with undisturbed() as collect:
        for number, name in enumerate(in_any_order(tuple(ways), rounds, rng)):
            on_progress(f"round {number // len(ways) + 1} of {rounds}")
            collect()
            await asyncio.sleep(_CALM_S)
            async with ways[name]() as way:
                for what, took_s in (await _one(way, data)).items():
                    seconds[name][what].append(took_s)
    less, more = seconds[SOCKS], seconds[TUNNEL]
    return Tunnel(
        rounds=rounds,
        size_mib=size_mib,
        ways={name: _passage(taken, size_mib) for name, taken in seconds.items()},
        added=difference(less[SMALL], more[SMALL], choose=rng.choice),
        # Of speeds: the one's share of the other's is how the other's time relates to the one's.
        down=ratio(more[DOWN], less[DOWN], choose=rng.choice),
        up=ratio(more[UP], less[UP], choose=rng.choice),
    )


async def _one(way: Way, data: bytes) -> dict[str, float]:
    return {
        FRESH: await way.small(),
        SMALL: median([await way.small() for _ in range(_SMALL)]),
        SOCKET: await way.socket(),
        UP: await way.up(data),
        DOWN: await way.down(len(data)),
    }


def _passage(seconds: Mapping[str, list[float]], size_mib: int) -> Passage:
    return Passage(
        fresh=summary(seconds[FRESH]),
        small=summary(seconds[SMALL]),
        socket=summary(seconds[SOCKET]),
        down_mib_s=round(size_mib / median(seconds[DOWN]), 2),
        up_mib_s=round(size_mib / median(seconds[UP]), 2),
    )

"""Backends in words, as ``darkroom backend list`` prints them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from services.cli.backend_list import words
from services.orchestrator.overview import Overview

GPU = Overview(
    name="gpu",
    state="ready",
    reason="",
    since=None,
    until=None,
    faults=0,
    version="0.8.0",
    devices=(),
    simulated=False,
    running=0,
    staged=0,
    prompts=0,
    only_here=0,
    warm="",
    seconds={},
    lacks={},
)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ({}, []),
        ({"FLUX schnell": 1.8}, ["  gpu takes 1.8 s for FLUX schnell"]),
        ({"B": 94.0, "A": 1.5, "C": 3.0}, ["  gpu takes 94 s for B, 1.5 s for A, 3 s for C"]),
        (
            dict.fromkeys("ABCDEFGH", 2.0),
            ["  gpu takes 2 s for A, 2 s for B, 2 s for C, and 5 more (--json has all)"],
        ),
    ],
)
def test_speeds_take_one_line(seconds: dict[str, float], told: list[str]) -> None:
    """However many workflows a backend does, in the order in which they matter."""
    _heads, _row, *more = words([replace(GPU, seconds=seconds)])

    assert told == more

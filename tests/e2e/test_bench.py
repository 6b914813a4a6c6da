"""`darkroom bench overhead`, small: what it reports, not how fast this machine is just now."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import msgspec
import pytest

from services.cli.bench.observer import STAGES


async def bench(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report of a run."""
    done = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", "bench", "overhead", "--json", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, errors = await done.communicate()
    assert said, errors.decode()
    return done.returncode or 0, msgspec.json.decode(said)


async def test_what_darkroom_adds_is_measured_in_pairs() -> None:
    """Both clients render the same as often, each stage is there, and the exit code is the verdict's."""
    code, said = await bench("--part", "added", "--pairs", "3")
    added = said["report"]["overhead"]

    assert {"holds": 0, "fails": 1, "unknown": 2}[said["verdicts"]["added"]] == code
    assert (code == 0) == said["ok"]
    assert 3 == added["pairs"]
    assert list(STAGES) == [stage["name"] for stage in added["stages"]]
    # What a listener at NATS and what the page hears of the same moment may come a little out of order.
    assert 0 < sum(stage["took"]["median_ms"] for stage in added["stages"])
    assert added["added"]["low_ms"] <= added["added"]["median_ms"] <= added["added"]["high_ms"]
    assert 0 < added["bare"]["median_ms"]
    assert added["bare_bytes"] > 1000
    assert {"orchestrator", "renderer", "nats", "postgres", "tunnel"} <= set(added["cpu_ms"])
    assert said["report"]["simulated"]
    assert None is said["report"]["idle"]


@pytest.mark.timeout(300)
async def test_idle_share_is_taken_from_the_simulator() -> None:
    """Every job was executed once, with edits among them, and the renders took as long as they should."""
    _, said = await bench(
        *("--part", "idle", "--rounds", "1", "--jobs", "6"),
        *("--render-s", "0.4", "--round-trip-ms", "40"),
    )
    idle = said["report"]["idle"]

    assert None is said["report"]["overhead"]
    assert [[6], [6]] == [[one["executions"] for one in idle[way]] for way in ("staged", "unstaged")]
    assert all(0 <= one["share"] < 1 for way in ("staged", "unstaged") for one in idle[way])
    assert 0.3 < idle["render_s"]

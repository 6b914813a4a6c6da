"""``darkroom bench tunnel`` on a private network, with a tunnel of its own and the ComfyUI simulator."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from services.cli.bench.tunnel_command import Wanted, run
from services.cli.terminal import Terminal
from services.devstack.comfyui.config import SimulatorConfig
from services.devstack.comfyui.server import running_simulator
from services.tunnel.backends import Backend
from tests.anonnet.shared import SharedNetwork
from tests.integration.tunnel_anon.hosts import Host


async def test_it_measures_three_ways(
    network: SharedNetwork,
    host: Host,
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each with all its numbers; two rounds are too few to tell more than that."""
    environ = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": ":".join(sys.path),
        "ANON_BINARY": str(network.binary),
        "ANON_CONFIG": str(network.config_file(tmp_path)),
        "ANON_AGREE_TO_TERMS": "yes",
    }
    wanted = Wanted(
        backend=Backend(name="gpu", host=host.address, port=80),
        direct_url=f"http://127.0.0.1:{host.port}",
        tunnel_url="",
        home=home,
        rounds=2,
        size_mib=1,
        seed=1,
    )
    simulator = SimulatorConfig(base_dir=tmp_path / "comfyui", port=host.port)
    async with running_simulator(simulator):
        await run(wanted, environ, Terminal(), as_json=True)
    said = msgspec.json.decode(capsys.readouterr().out.splitlines()[-1])

    assert {"added", "down", "up"} == said["verdicts"].keys(), said
    ways = said["report"]["tunnel"]["ways"]
    assert {"direct", "socks", "tunnel"} == ways.keys()
    assert all(way[speed] > 0 for way in ways.values() for speed in ("down_mib_s", "up_mib_s"))
    assert ways["direct"]["small"]["median_ms"] < ways["tunnel"]["small"]["median_ms"]

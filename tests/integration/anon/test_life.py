"""How an anon lives on, and how it ends."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from services.tunnel.anon import control
from services.tunnel.errors import TunnelDownError
from tests.anonnet.shared import SharedNetwork
from tests.integration.anon.running import DEADLINE_S, is_alive, plan, running, target
from tests.servers import ROOT, eventually


async def test_a_crash(network: SharedNetwork, tmp_path: Path) -> None:
    """A killed anon refuses at once, is started again as another generation, and carries traffic again."""
    async with target() as port, running(plan(network, tmp_path)) as run:
        await run.anon.until_up(DEADLINE_S)
        first = run.anon.pid
        os.kill(first, signal.SIGKILL)
        down = await run.until(phase="down", generation=1)
        await run.until(phase="up", generation=2)

        assert "crashed" == down.reason
        assert first != run.anon.pid
        assert 0 == await run.reply("127.0.0.1", port)


async def test_nothing_goes_out_while_it_is_down(network: SharedNetwork, tmp_path: Path) -> None:
    """From the moment it is known to be gone there is no SOCKS address to be had."""
    addresses: list[object] = []
    async with running(plan(network, tmp_path)) as run:
        await run.anon.until_up(DEADLINE_S)

        def look(_: object) -> None:
            with pytest.raises(TunnelDownError):
                addresses.append(run.anon.socks)

        run.anon.watch(lambda life: None if life.phase == "up" else look(life))
        os.kill(run.anon.pid, signal.SIGKILL)
        await run.until(phase="up", generation=2)

    assert [] == addresses


async def test_one_that_hangs(
    network: SharedNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An anon that runs and does not answer is ended by force, and started again."""
    monkeypatch.setattr(control, "_TIMEOUT_S", 3.0)
    async with running(plan(network, tmp_path)) as run:
        await run.anon.until_up(DEADLINE_S)
        hanging = run.anon.pid
        os.kill(hanging, signal.SIGSTOP)
        down = await run.until(phase="down", generation=1)
        await run.until(phase="up", generation=2)

        assert "control-lost" == down.reason
        assert not is_alive(hanging)


async def test_no_way_into_the_network(
    anon_network: SharedNetwork, tmp_path: Path, unused_tcp_port: int
) -> None:
    """Who does not get in before the deadline is given up, with how far it came, and tried again."""
    nowhere = tuple(
        re.sub(r"orport=\d+(.*127\.0\.0\.1):\d+", rf"orport={unused_tcp_port}\1:{unused_tcp_port}", line)
        for line in anon_network.config_lines
    )
    planned = plan(anon_network, tmp_path, extra="\n".join(nowhere))
    async with running(planned, bootstrap_timeout_s=1.0) as run:
        down = await run.until(phase="down", generation=1)
        await run.until(phase="bootstrapping", generation=2)
        with pytest.raises(TunnelDownError):
            await run.anon.until_up(0.1)

    assert "bootstrap-timeout" == down.reason
    assert 100 > down.percent


async def test_it_ends_in_order(network: SharedNetwork, tmp_path: Path) -> None:
    """Asked to stop, it is told so before its process ends; the process ends by itself and is gone."""
    async with running(plan(network, tmp_path)) as run:
        await run.anon.until_up(DEADLINE_S)
        pid = run.anon.pid
        await run.stop()

        assert not is_alive(pid)
        assert ("stopped", "stopped") == (run.anon.life.phase, run.anon.life.reason)
        with pytest.raises(TunnelDownError, match="has stopped"):
            await run.anon.until_up(DEADLINE_S)


@asynccontextmanager
async def service(
    network: SharedNetwork, folder: Path
) -> AsyncGenerator[tuple[asyncio.subprocess.Process, int]]:
    """A service with an anon that has a control port; yields the service and anon's process id."""
    planned = plan(network, folder)
    (folder / "plan.json").write_bytes(
        msgspec.json.encode(
            {"binary": str(planned.binary), "data_dir": str(planned.data_dir), "extra": planned.extra}
        )
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.anon.service", str(folder)),
        cwd=ROOT,
        stderr=asyncio.subprocess.DEVNULL,
    )

    async def pid() -> int:
        assert process.returncode is None
        is_written = (planned.data_dir / "control-port").exists() and (folder / "pid").exists()
        return int((folder / "pid").read_text() or 0) if is_written else 0

    try:
        yield process, await eventually(pid, timeout_s=DEADLINE_S)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_it_does_not_outlive_its_service(
    network: SharedNetwork, tmp_path: Path, how: signal.Signals
) -> None:
    """However a service ends, in order or killed outright, its anon ends with it."""
    async with service(network, tmp_path) as (process, pid):
        assert is_alive(pid)
        process.send_signal(how)
        code = await asyncio.wait_for(process.wait(), DEADLINE_S)

        async def gone() -> bool:
            return not is_alive(pid)

        await eventually(gone)
    assert code == (0 if how is signal.SIGTERM else -signal.SIGKILL)

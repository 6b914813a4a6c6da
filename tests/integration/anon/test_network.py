"""The private network itself: what other tests rest on."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from services.tunnel.anon.binary import flavour_of
from tests.anonnet.binaries import binaries_or_skip
from tests.anonnet.nodes import EXITS, NODES
from tests.anonnet.shared import SharedNetwork, shared_network
from tests.anonnet.socks import reply
from tests.integration.anon.running import DEADLINE_S, is_alive, target
from tests.servers import ROOT, eventually


async def test_binaries() -> None:
    """The real anon comes out of its npm package, and tor from Debian."""
    for program in ("anon", "tor"):
        assert program == (await flavour_of(binaries_or_skip(program).binary)).program


async def test_names_are_resolved_by_the_exits(network: SharedNetwork, tmp_path: Path) -> None:
    """A name below .test leads to this machine, another nowhere; the exits' resolver saw both."""
    async with target() as port:
        with network.client(tmp_path / "client") as client:
            client.until_bootstrapped()
            known = await asyncio.to_thread(reply, client.socks_port, "known.test", port, user="a")
            unknown = await asyncio.to_thread(reply, client.socks_port, "unknown.invalid", port, user="b")

    assert (0, 4) == (known, unknown)
    assert {"known.test", "unknown.invalid"} <= set(network.asked())


async def test_one_of_our_own(tmp_path: Path) -> None:
    """
    Without its exits a network reaches nothing outside, and with them back it does again. Two holders share
    one; when both are gone, even killed, no process of it is left.
    """
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.anonnet", "tor"),
        cwd=ROOT,
        env={**os.environ, "ANONNET_SHARED": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        with shared_network(binaries_or_skip("tor"), tmp_path) as held:
            assert holder.stdout is not None
            assert (await holder.stdout.readline()).startswith(b"ANON_BINARY=")
            config = (await holder.stdout.readline()).decode().strip().removeprefix("ANON_CONFIG=")
            assert list(held.config_lines) == lines_of(Path(config))
            await kill_exits(held, tmp_path)
            pids = node_pids(held)
            assert len(NODES) == len(pids)
        assert all(is_alive(pid) for pid in pids)
    finally:
        holder.kill()
        await holder.communicate()

    async def gone() -> bool:
        return not any(is_alive(pid) for pid in pids)

    await eventually(gone, timeout_s=DEADLINE_S)


async def kill_exits(network: SharedNetwork, folder: Path) -> None:
    """Kill all exits and start them again, with a client that looks."""
    async with target() as port:
        with network.client(folder / "client") as client:
            client.until_bootstrapped()
            users = iter(range(10_000))

            async def reaches() -> bool:
                user = f"user-{next(users)}"
                return 0 == await asyncio.to_thread(reply, client.socks_port, "127.0.0.1", port, user=user)

            assert await eventually(reaches, timeout_s=DEADLINE_S)
            network.kill(*EXITS)
            assert not await reaches()
            network.up(*EXITS)
            assert await eventually(reaches, timeout_s=DEADLINE_S)


def lines_of(path: Path) -> list[str]:
    """What stands in a file."""
    return path.read_text().splitlines()


def node_pids(network: SharedNetwork) -> list[int]:
    """The processes that run with this network's configuration."""
    folder = next(line for line in network.config_lines if line.startswith("GeoIPFile")).split(maxsplit=1)[1]
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"{Path(folder).parent}/" in path.read_text():
                found.append(int(path.parent.name))
        except OSError:
            continue  # it has ended meanwhile
    return found

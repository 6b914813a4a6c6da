"""The processes of a network, run by the keeper."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from services.devstack.ports import free_port
from services.devstack.process import leash
from tests.anonnet.binaries import Binaries
from tests.anonnet.client import Client
from tests.anonnet.keys import make_data_dir, make_keys
from tests.anonnet.nodes import AUTHORITIES, HOST, NODES, Node, config_lines, node_lines
from tests.anonnet.resolver import Resolver

START_TIMEOUT_S = 160.0
_GRACE_S = 5.0
_POLL_S = 0.2


class Network:
    """Relays that run, each with a configuration of its own below *folder*."""

    def __init__(self, programs: Binaries, folder: Path) -> None:
        self.programs = programs
        self.folder = folder
        self.resolver = Resolver()
        self.config_lines: tuple[str, ...] = ()
        self._empty = folder / "empty"
        self._nodes = {
            name: Node(name, free_port(), free_port() if name in AUTHORITIES else 0) for name in NODES
        }
        self._running: dict[str, Process] = {}

    async def start(self) -> None:
        """Make keys, start every node, and wait until a hidden service can be reached through them."""
        self._empty.touch()
        port = free_port()
        (self.folder / "resolv.conf").write_text(f"nameserver {HOST}:{port}\n")
        await self.resolver.listen(port)
        authorities = [self._nodes[name] for name in AUTHORITIES]
        lines = await asyncio.gather(
            *(make_keys(self.programs, node, self.folder, self._empty) for node in authorities)
        )
        self.config_lines = config_lines(lines, self._empty)
        for node in self._nodes.values():
            if node.name not in AUTHORITIES:
                make_data_dir(self.folder / node.name)
            owner = f"__OwningControllerProcess {os.getpid()}"
            (self.folder / f"{node.name}.rc").write_text(
                "\n".join([*node_lines(node, self.folder), *self.config_lines, owner, ""])
            )
        await asyncio.gather(*(self.up(name) for name in NODES))
        await asyncio.wait_for(self._until_reachable(), START_TIMEOUT_S)

    async def up(self, name: str) -> None:
        """Start the node *name*, unless it runs."""
        if (old := self._running.get(name)) is not None and old.returncode is None:
            return
        self._running[name] = await asyncio.create_subprocess_exec(
            *leash(signal.SIGKILL),
            str(self.programs.binary),
            *("-f", str(self.folder / f"{name}.rc"), "--quiet"),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
        )

    async def kill(self, name: str) -> None:
        """End the node *name* without a word to anybody."""
        process = self._running[name]
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    async def stop(self) -> None:
        """End every node."""
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.terminate()
        ending = [asyncio.ensure_future(process.wait()) for process in self._running.values()]
        if ending:
            _, stubborn = await asyncio.wait(ending, timeout=_GRACE_S)
            if stubborn:
                await asyncio.gather(*(self.kill(name) for name in self._running))
        self.resolver.close()

    async def _until_reachable(self) -> None:
        """100 % bootstrapped is not enough: ask until the answer comes out of a hidden service."""
        async with (
            self._probe("probe-host", "SocksPort 0", *self._service()) as host,
            self._probe("probe-client") as client,
        ):
            while not await asyncio.to_thread(client.reaches, await host.address()):
                for name, process in self._running.items():
                    assert process.returncode is None, f"{name} died: {self._last_words(name)}"
                await asyncio.sleep(_POLL_S)

    def _service(self) -> tuple[str, str]:
        # The port is never connected to: the probe asks for one that the service does not offer.
        return f"HiddenServiceDir {self.folder / 'probe-host' / 'service'}", f"HiddenServicePort 80 {HOST}:1"

    def _last_words(self, name: str) -> str:
        with suppress(OSError):
            return "\n".join((self.folder / name / "notice.log").read_text().splitlines()[-5:])
        return "it said nothing"

    @asynccontextmanager
    async def _probe(self, name: str, *lines: str) -> AsyncGenerator[Client]:
        client = Client(self.programs, self.folder / name, (*self.config_lines, *lines))
        client.start()
        try:
            await asyncio.to_thread(client.until_listening)
            yield client
        finally:
            await asyncio.to_thread(client.stop)

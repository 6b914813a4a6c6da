"""
``python -m tests.anonnet.keeper PROGRAM SOCKET``: runs one network for as long as somebody holds a lease.

A lease is a connection to the socket. So the network serves all of pytest's processes, outlives none of them,
and ends whether they finish, are interrupted or are killed.

Each line is a message in JSON. First the keeper says how to reach the network, or why there is none; then it
answers commands: ``["kill", "e0"]``, ``["up", "e0"]``, ``["asked"]``.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

from tests.anonnet.binaries import Program, binaries
from tests.anonnet.lock import locked
from tests.anonnet.network import Network

_UNASKED_S = 20.0
_ACCEPT_S = 0.1


class Keeper:
    """The network and who holds it."""

    def __init__(self, network: Network, socket: Path) -> None:
        self._network = network
        self._socket = socket
        self._leases = 0
        self._let_go = asyncio.Event()
        self._told_to_end = False
        self._starting = asyncio.ensure_future(network.start())

    async def run(self) -> None:
        """Keep the network until nobody wants it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)
        server = await asyncio.start_unix_server(self._serve, self._socket)
        loop.call_later(_UNASKED_S, self._let_go.set)  # whoever started us may be gone before it asked
        try:
            while not await self._is_over():
                await self._let_go.wait()
        finally:
            server.close()
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
            await self._network.stop()

    async def _is_over(self) -> bool:
        """True when nobody holds the network; then nobody can find it any more."""
        if not self._let_go.is_set():
            return False
        self._let_go.clear()
        with locked(self._socket):
            # Who connected before we had the lock is in the queue, and nobody comes after.
            await asyncio.sleep(_ACCEPT_S)
            if self._leases and not self._told_to_end:
                return False
            self._socket.unlink(missing_ok=True)
            return True

    def _end(self) -> None:
        self._told_to_end = True
        self._let_go.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One lease, until its holder is gone."""
        self._leases += 1
        greeting = asyncio.ensure_future(self._greet(writer))
        try:
            while line := await reader.readline():
                _say(writer, await self._obey(*json.loads(line)))
        except ConnectionError:
            pass
        finally:
            greeting.cancel()
            writer.close()
            self._leases -= 1
            if self._leases == 0:
                self._let_go.set()

    async def _greet(self, writer: asyncio.StreamWriter) -> None:
        try:
            await asyncio.shield(self._starting)
        except (AssertionError, OSError, TimeoutError) as exc:
            _say(writer, {"error": f"{type(exc).__name__}: {exc}"})
        else:
            _say(writer, {"config_lines": self._network.config_lines})

    async def _obey(self, command: str, *names: str) -> Any:
        if command == "asked":
            return self._network.resolver.asked
        for name in names:
            await (self._network.kill if command == "kill" else self._network.up)(name)
        return "done"


def _say(writer: asyncio.StreamWriter, what: Any) -> None:
    writer.write(json.dumps(what).encode() + b"\n")


async def keep(program: Program, socket: Path) -> None:
    """Run a network until nobody wants it."""
    with tempfile.TemporaryDirectory(prefix="darkroom-anonnet-", ignore_cleanup_errors=True) as folder:
        await Keeper(Network(binaries(program), Path(folder)), socket).run()


if __name__ == "__main__":
    asyncio.run(keep(cast("Program", sys.argv[1]), Path(sys.argv[2])))

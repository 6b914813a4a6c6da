"""Circuits by who may share them: for each a session of its own, with the connections that it keeps."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from aiohttp import ClientSession


class Circuit:
    """
    One isolation's session.

    Attributes:
        session: Whose connections ``anon`` carries over one circuit, and nobody else's over it.
        in_use: How many requests are at it; it is closed under none of them.
        is_retired: No further request gets it.
    """

    def __init__(self, session: ClientSession) -> None:
        self.session = session
        self.in_use = 0
        self.used_at = asyncio.get_running_loop().time()
        self.is_retired = False


class Circuits:
    """
    The circuits of one process.

    Args:
        most: How many are kept; more only while more are in use.
        keep_s: After so long unused one is closed: ``anon`` would put nothing new on it any more.
    """

    def __init__(self, *, most: int, keep_s: float) -> None:
        self._most = most
        self._keep_s = keep_s
        # The least recently used first.
        self._circuits: OrderedDict[tuple[str, ...], Circuit] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._circuits)

    def take(self, key: tuple[str, ...], open_session: Callable[[], ClientSession]) -> Circuit:
        """The circuit of *key*, a fresh one if it has none; the caller gives it back with ``release``."""
        circuit = self._circuits.get(key)
        if circuit is None:
            circuit = self._circuits[key] = Circuit(open_session())
        self._circuits.move_to_end(key)
        circuit.in_use += 1
        self._sweep()
        return circuit

    def release(self, circuit: Circuit) -> None:
        """One request is done with it."""
        circuit.in_use -= 1
        circuit.used_at = asyncio.get_running_loop().time()
        if circuit.is_retired and not circuit.in_use:
            self._close(circuit)
        self._sweep()

    def retire(self, circuit: Circuit) -> None:
        """The next request of its key gets a fresh one; those that are at it may try to the end."""
        for key, held in self._circuits.items():
            if held is circuit:
                del self._circuits[key]
                break
        else:
            return  # another request has found out before
        circuit.is_retired = True
        if not circuit.in_use:
            self._close(circuit)

    def retire_all(self) -> None:
        """Likewise every one."""
        for circuit in list(self._circuits.values()):
            self.retire(circuit)

    async def close(self) -> None:
        """Close every one, whoever is at it."""
        for circuit in self._circuits.values():
            self._close(circuit)
        self._circuits.clear()
        await asyncio.gather(*self._closing)

    def _sweep(self) -> None:
        oldest = asyncio.get_running_loop().time() - self._keep_s
        surplus = len(self._circuits) - self._most
        for circuit in list(self._circuits.values()):
            is_old = circuit.used_at < oldest
            if surplus <= 0 and not is_old:
                break
            if not circuit.in_use:
                self.retire(circuit)
                surplus -= 1

    def _close(self, circuit: Circuit) -> None:
        task = asyncio.create_task(circuit.session.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

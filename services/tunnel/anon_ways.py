"""The ways through the Anyone network: by SOCKS, each image chain on a circuit of its own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

from aiohttp import ClientSession
from msgspec import Struct

from services.tunnel.backends import Backend
from services.tunnel.circuits import Circuits
from services.tunnel.errors import BackendTimeoutError, BackendUnreachableError
from services.tunnel.hidden_service import require_address, require_reachable
from services.tunnel.isolation import Isolation
from services.tunnel.socks import Check, Gate, SocksConnector, open_stream
from services.tunnel.spares import Spares
from services.tunnel.upstream import Upstream, new_session


class Life(Protocol):
    """What of ``anon``'s life matters to ways."""

    @property
    def generation(self) -> int:
        """Another number when the circuits of before are gone, or no longer wanted."""
        ...


class Network(Protocol):
    """``anon``, as far as ways need it."""

    @property
    def life(self) -> Life:
        """How it is."""
        ...

    @property
    def socks(self) -> tuple[str, int]:
        """Where its SOCKS port listens; raises ``TunnelDownError`` in every state but up."""
        ...


class Patience(Struct, frozen=True, kw_only=True):
    """
    How long circuits are waited for and kept, in seconds.

    Attributes:
        connect_s: For a connection through a circuit that may have to be built first.
        silent_s: A backend that has owed an answer for so long when its client gave up may sit behind a dead
            circuit, on which ``anon`` would put the next request too, for a minute and longer.
        connection_s: A connection is kept for the next request; a server of aiohttp's hangs up after 75 s.
        circuit_s: Unused, a circuit is kept; ``anon`` puts nothing new on one after 10 minutes.
        spare_s: Likewise one that nobody has had.
    """

    connect_s: float = 25.0
    silent_s: float = 8.0
    connection_s: float = 60.0
    circuit_s: float = 600.0
    spare_s: float = 240.0


class AnonWays:
    """
    Ways to hidden services below *tld*, and streams to anywhere, through *network*.

    Args:
        network: ``anon``.
        tld: Its own, without a dot.
        patience: How long is waited for what.
        most: How many circuits are kept.
        spares: How many are held ready for each backend; see ``run``.
    """

    def __init__(
        self, network: Network, tld: str, *, patience: Patience | None = None, most: int = 64, spares: int = 2
    ) -> None:
        self._network = network
        self._tld = tld
        self._patience = patience or Patience()
        self._isolation = Isolation(key=secrets.token_bytes(32), password=secrets.token_hex(16))
        self._circuits = Circuits(most=most, keep_s=self._patience.circuit_s)
        self._generation = network.life.generation
        self._opened = 0
        self._spare_count = spares
        self._spares: dict[str, Spares] = {}

    @asynccontextmanager
    async def way(self, backend: Backend, chain: str) -> AsyncGenerator[Upstream]:
        """As ``Ways``. After a sign that a chain's circuit is dead, its next request gets a fresh one."""
        self._require_address(backend.host)
        self._network.socks  # noqa: B018 - raises unless anon is up, whatever connections are still held
        self._follow()
        circuit = self._circuits.take((backend.name, chain), partial(self._fresh, backend.name, chain))
        upstream = Upstream(circuit.session)
        try:
            yield upstream
        except (BackendTimeoutError, BackendUnreachableError):
            upstream.is_suspect = True
            raise
        except asyncio.CancelledError:
            upstream.is_suspect = upstream.silent_s() >= self._patience.silent_s
            raise
        finally:
            if upstream.is_suspect:
                self._circuits.retire(circuit)
            self._circuits.release(circuit)

    async def open_stream(
        self, host: str, port: int, key: str
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """
        Open a TCP connection to anywhere, a hidden service below the own TLD or by an exit.

        Args:
            host: A name or a literal address; names are looked up at the other end of the circuit.
            port: There.
            key: Streams of the same key may share a circuit, those of others and of backends never do.

        Raises:
            TunnelDownError, BackendError: There is none; nothing was sent.
            AddressRefusedError: *host* is a hidden service of another network, or mistyped.
        """
        check = partial(require_reachable, tld=self._tld)
        return await open_stream(self._gate(check, "stream", key), host, port)

    def kept(self) -> int:
        """How many circuits are kept for chains."""
        return len(self._circuits)

    async def hold_spares(self, backends: Iterable[Backend]) -> None:
        """Hold circuits to *backends* ready until cancelled, and so learn which of them can be reached."""
        self._spares = {backend.name: self._spares_for(backend) for backend in backends}
        async with asyncio.TaskGroup() as group:
            for spares in self._spares.values():
                group.create_task(spares.run())

    async def close(self) -> None:
        """Drop every connection."""
        await self._circuits.close()

    def _spares_for(self, backend: Backend) -> Spares:
        return Spares(
            backend.origin,
            count=self._spare_count,
            fresh_s=self._patience.spare_s,
            patience_s=self._patience.connect_s,
            generation=lambda: self._network.life.generation,
            open_session=partial(self._session, "spare", backend.name),
        )

    def _fresh(self, backend: str, chain: str) -> ClientSession:
        spares = self._spares.get(backend)
        # What the backend itself is asked is no chain's, and a spare would soon be missed.
        spare = spares.take() if spares and chain else None
        return spare or self._session("chain", backend, chain)

    def _follow(self) -> None:
        if self._generation != self._network.life.generation:
            self._generation = self._network.life.generation
            self._circuits.retire_all()

    def _require_address(self, host: str) -> None:
        require_address(host, self._tld)

    def _session(self, *key: str) -> ClientSession:
        self._follow()
        # Numbered: a chain whose circuit died would be led back to it by the same user.
        self._opened += 1
        gate = self._gate(self._require_address, *key, str(self._opened))
        connector = SocksConnector(gate, keep_s=self._patience.connection_s)
        return new_session(connector, connect_timeout_s=None)

    def _gate(self, check: Check, *key: str) -> Gate:
        host, port = self._network.socks
        return Gate(
            host=host,
            port=port,
            credentials=self._isolation.credentials(*key, str(self._generation)),
            timeout_s=self._patience.connect_s,
            check=check,
        )


@asynccontextmanager
async def anon_ways(
    network: Network, tld: str, backends: Iterable[Backend], *, patience: Patience | None = None
) -> AsyncGenerator[AnonWays]:
    """Ways through *network* while the block runs, with spares for *backends*; arguments as ``AnonWays``."""
    ways = AnonWays(network, tld, patience=patience)
    try:
        async with asyncio.TaskGroup() as group:
            holding = group.create_task(ways.hold_spares(backends))
            try:
                yield ways
            finally:
                holding.cancel()
    except ExceptionGroup as group:
        if len(group.exceptions) == 1:
            raise group.exceptions[0] from None  # as bare as if no group had been needed
        raise
    finally:
        await ways.close()

"""
The control port of anon: the one file that imports anyone_protocol_sdk, and stem below it.

The SDK's ``Control`` is used where it is sound; its defects (0.0.1b0) are gone around here:

- To import it, a file must lie at ``~/.anyone_protocol_sdk/bin/anon``: its module that looks for that is
  replaced before the import, and nobody's home is touched.
- ``launch_anon`` drops its deadline in threads, uses SIGALRM outside of them, needs ``Log notice stdout`` and
  prints: `daemon` starts the process instead.
- Everything blocks: it is called in a thread, with deadlines of our own that close the connection.
- ``get_info`` answers from stem's cache after the process has died: ``msg("GETINFO …")`` asks.
- ``get_circuits`` and what rests on it fail with a ``KeyError`` once a hidden service was used, because the
  SDK's list of purposes is incomplete: stem's is used.
- ``get_network_status`` fails likewise on flags that the SDK does not list: stem's is used then.
- Authenticated, stem takes ownership of an anon that was told to end with this process: it then ends with the
  connection already, and hanging up is part of ending it.
- Events other than STREAM, ADDRMAP and logs arrive without what they say: they are only taken as a sign to
  look again, and where the words count they are taken from stem.
- ``reset_conf`` and what rests on it raise ``TypeError``, ``get_relays_by_flags`` finds nothing, ``Socks``
  has neither isolation nor streaming, ``Config`` asks on the terminal: not used.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

from msgspec import Struct

from services.tunnel.anon.report import Circuit, Relay, Stream

_BINARY_MODULE = "anyone_protocol_sdk.binary"
if _BINARY_MODULE not in sys.modules:
    _stand_in = ModuleType(_BINARY_MODULE)
    _stand_in.get_binary_path = lambda: "anon"  # pyright: ignore[reportAttributeAccessIssue] - as in the SDK
    sys.modules[_BINARY_MODULE] = _stand_in

import stem  # noqa: E402
import stem.response  # noqa: E402
from anyone_protocol_sdk.control import Control  # noqa: E402
from anyone_protocol_sdk.models import EventType  # noqa: E402

T = TypeVar("T")

# It logs what is said both ways, addresses included.
logging.getLogger("stem").setLevel(logging.CRITICAL)

_TIMEOUT_S = 20.0
_BOOTSTRAP = re.compile(r'PROGRESS=(\d+).*?SUMMARY="([^"]*)"')
_LISTENER = re.compile(r'"([^"]+):(\d+)"')
_SIGNS = (EventType.STATUS_CLIENT, EventType.NETWORK_LIVENESS)


class ControlLostError(Exception):
    """The control port does not answer; the connection is closed."""


class Observation(Struct, frozen=True, kw_only=True):
    """How far anon has got into the network; ``has_circuit`` says whether a circuit was built lately."""

    percent: int
    summary: str
    has_circuit: bool

    @property
    def is_up(self) -> bool:
        """Whether it carries traffic."""
        return self.percent == 100 and self.has_circuit


class ControlPort:
    """A connection to a control port; every method raises ``ControlLostError``. Made by ``connect``."""

    def __init__(self, control: Control, thread: ThreadPoolExecutor) -> None:
        self._control = control
        self._thread = thread

    @staticmethod
    async def connect(address_file: Path) -> ControlPort:
        """Connect to what anon wrote into *address_file*, and authenticate by its cookie."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="anon-control")
        opening = asyncio.get_running_loop().run_in_executor(thread, _open, address_file)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return ControlPort(await opening, thread)
        except TimeoutError as exc:
            raise ControlLostError("no answer") from exc
        finally:
            # Not waited for: it ends with what it does, which has a deadline of its own.
            if not opening.done() or opening.cancelled() or opening.exception() is not None:
                thread.shutdown(wait=False)

    async def close(self) -> None:
        """Hang up."""
        await asyncio.to_thread(self._hang_up)

    def on_sign(self, look: Callable[[], None]) -> None:
        """Have *look* called in the event loop whenever it may be worth observing again."""
        loop = asyncio.get_running_loop()

        def sign(_: object) -> None:
            # The loop may have ended before the connection did.
            if not loop.is_closed():
                loop.call_soon_threadsafe(look)

        for kind in _SIGNS:
            self._control.add_event_listener(sign, kind)

    async def on_event(self, kind: str, take: Callable[[str], None]) -> None:
        """Have *take* called in the event loop with each event of *kind*, in the protocol's words."""
        loop = asyncio.get_running_loop()

        def told(event: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(take, str(event).strip())

        # Below the SDK, which drops what most events say.
        await self._ask(lambda: self._below.add_event_listener(told, kind))

    async def observe(self) -> Observation:
        """How far it is."""
        phase, circuit = "status/bootstrap-phase", "status/circuit-established"
        said = await self._get(phase, circuit)
        found = _BOOTSTRAP.search(said[phase])
        percent, summary = (int(found[1]), found[2]) if found else (0, "")
        return Observation(percent=percent, summary=summary, has_circuit=said[circuit] == "1")

    async def socks_address(self) -> tuple[str, int] | None:
        """Where it takes SOCKS connections; ``None`` when it does not."""
        found = _LISTENER.search((await self._get("net/listeners/socks"))["net/listeners/socks"])
        return (found[1], int(found[2])) if found else None

    async def signal(self, name: str) -> None:
        """Send ``NEWNYM``, ``RELOAD`` or another signal."""
        await self._ask(lambda: self._said(f"SIGNAL {name}"))

    async def traffic(self) -> tuple[int, int]:
        """Bytes read and written since the process was started."""
        said = await self._get("traffic/read", "traffic/written")
        return int(said["traffic/read"]), int(said["traffic/written"])

    async def streams(self) -> tuple[Stream, ...]:
        """The streams it has now."""
        return tuple(
            Stream(id=str(one.id), status=one.status.value, circuit=one.circ_id or "")
            for one in await self._ask(self._control.get_streams)
        )

    async def circuits(self) -> tuple[Circuit, ...]:
        """The circuits it has now."""
        return await self._ask(self._circuits)

    def _circuits(self) -> tuple[Circuit, ...]:
        return tuple(
            Circuit(
                id=str(one.id),
                status=str(one.status),
                purpose=str(one.purpose),
                relays=tuple(self._relay(fingerprint, nickname or "") for fingerprint, nickname in one.path),
            )
            for one in self._below.get_circuits()
        )

    def _relay(self, fingerprint: str, nickname: str) -> Relay:
        country = ""
        # A bridge, or one that has left the network meanwhile; or there is no table of countries.
        with suppress(stem.ControllerError, ValueError):
            country = str(self._control.get_country(self._address(fingerprint)))
        return Relay(fingerprint=fingerprint, nickname=nickname, country="" if country == "??" else country)

    def _address(self, fingerprint: str) -> str:
        try:
            return self._control.get_network_status(fingerprint).address
        except KeyError:
            return str(self._below.get_network_status(fingerprint).address)

    @property
    def _below(self) -> Any:
        return self._control._controller  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - there is no other way

    async def _get(self, *names: str) -> dict[str, str]:
        def get() -> dict[str, str]:
            message = self._said(f"GETINFO {' '.join(names)}")
            stem.response.convert("GETINFO", message)
            return {name: value.decode(errors="replace") for name, value in message.entries.items()}

        return await self._ask(get)

    def _said(self, what: str) -> Any:
        message = cast("Any", self._control.msg(what))
        if not message.is_ok():
            raise stem.ProtocolError(f"{what.split(maxsplit=1)[0]} was refused")
        return message

    async def _ask(self, question: Callable[[], T]) -> T:
        try:
            answering = asyncio.get_running_loop().run_in_executor(self._thread, question)
            async with asyncio.timeout(_TIMEOUT_S):
                return await answering
        except TimeoutError as exc:
            await self.close()
            raise ControlLostError("no answer") from exc
        except (stem.ControllerError, RuntimeError) as exc:  # RuntimeError: the thread was shut down
            raise ControlLostError(type(exc).__name__) from exc

    def _hang_up(self) -> None:
        self._control.close()
        self._thread.shutdown(wait=False)


def _open(address_file: Path) -> Control:
    with _lost():
        host, _, port = address_file.read_text(encoding="ascii").strip().removeprefix("PORT=").rpartition(":")
        control = Control.from_port(host, int(port))
    try:
        with _lost():
            control.authenticate()
    except ControlLostError:
        control.close()
        raise
    return control


@contextmanager
def _lost() -> Generator[None]:
    try:
        yield
    except (OSError, ValueError, stem.ControllerError) as exc:
        raise ControlLostError(type(exc).__name__) from exc

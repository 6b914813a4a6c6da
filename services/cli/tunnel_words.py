"""What a tunnel says of itself, and how that is put into words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from services.cli.workflow_words import moment, table
from services.tunnel.anon.flavour import Flavour
from services.tunnel.anon.life import Life
from services.tunnel.anon.report import Circuit, Report

_PURPOSES = {
    "GENERAL": "to an exit",
    "HS_CLIENT_REND": "to a hidden service",
    "HS_CLIENT_INTRO": "introduces us to a hidden service",
    "HS_CLIENT_HSDIR": "looks up a hidden service",
    "HS_SERVICE_HSDIR": "publishes our hidden service",
    "HS_SERVICE_INTRO": "takes introductions to our hidden service",
    "HS_SERVICE_REND": "from a client of our hidden service",
    "HS_VANGUARDS": "held ready for a hidden service",
}
_MIB = 1024 * 1024


class Trouble(Struct, frozen=True, kw_only=True):
    """A backend's last error, and when, in seconds since the epoch."""

    code: str
    error: str
    at: float


class Verdict(Struct, frozen=True, kw_only=True):
    """What a check for ways around the tunnel found last, and when, in seconds since the epoch."""

    verdict: str
    reason: str = ""
    at: float = 0.0


class Status(Struct, frozen=True, kw_only=True):
    """
    The answer to ``GET /-/status``.

    Attributes:
        mode: ``anon`` or ``direct``.
        backends: By name, each one's last trouble.
        flavour: The program; none in direct mode, as with the rest.
        life: How it stands.
        kept: Circuits that are kept for image chains.
        report: What it says itself; none while it can't be asked.
        egress: By position, the last verdict, if any is known.
    """

    mode: str
    backends: dict[str, Trouble | None] = {}
    flavour: Flavour | None = None
    life: Life | None = None
    kept: int = 0
    report: Report | None = None
    egress: dict[str, Verdict] = {}

    @property
    def is_up(self) -> bool:
        """Something goes through the network now."""
        return self.life is not None and self.life.phase == "up"


def words(status: Status) -> Iterator[str]:
    """For a terminal."""
    if status.flavour is None or status.life is None:
        yield "There is no tunnel: DARKROOM_TUNNEL=direct reaches backends on this machine only."
    else:
        name = f"{status.flavour.program} {status.flavour.version}"
        yield f"The tunnel is {'up' if status.is_up else 'not up'}: {name}, {_stand(status.life)}."
    if status.report is not None:
        yield from _network(status.report, status.kept)
    for backend, trouble in status.backends.items():
        if trouble is not None:
            when = _moment(trouble.at)
            yield f"Backend {backend} had its last trouble {when}: {trouble.error} ({trouble.code})"
    for position, verdict in status.egress.items():
        why = f", {verdict.reason}" if verdict.reason else ""
        yield f"Ways around it, tried from the {position} {_moment(verdict.at)}: {verdict.verdict}{why}"


def _stand(life: Life) -> str:
    return f"{life.percent} % ({life.summary})" if life.phase == "up" else life.words


def _network(report: Report, kept: int) -> Iterator[str]:
    yield (
        f"{_counted(len(report.circuits), 'circuit')}, {kept} kept for image chains; "
        f"{_counted(len(report.streams), 'stream')}."
    )
    yield (
        f"{_size(report.read_bytes)} read and {_size(report.written_bytes)} written since "
        f"{report.program} was started."
    )
    if not report.circuits:
        return
    streams = [stream.circuit for stream in report.streams]
    heads = ("CIRCUIT", "STATE", "STREAMS", "FOR", "RELAYS, FROM HERE OUTWARDS")
    rows = [
        (
            circuit.id,
            circuit.status.lower(),
            str(streams.count(circuit.id)),
            _PURPOSES.get(circuit.purpose, circuit.purpose.lower()),
            _relays(circuit),
        )
        for circuit in report.circuits
    ]
    yield from table([heads, *rows])


def _relays(circuit: Circuit) -> str:
    shown = [
        f"{relay.nickname or relay.fingerprint[:8]} ({relay.country or '?'})" for relay in circuit.relays
    ]
    return " > ".join(shown) or "none yet"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / _MIB:.1f} MiB"


def _moment(at: float) -> str:
    return moment(datetime.fromtimestamp(at, UTC))

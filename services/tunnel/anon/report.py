"""What an operator is told of a running anon. Pure."""

from __future__ import annotations

from msgspec import Struct


class Relay(Struct, frozen=True, kw_only=True):
    """
    One step of a circuit.

    Attributes:
        fingerprint: 40 hex digits.
        nickname: As its operator calls it.
        country: Two small letters by anon's own table; empty when it does not know.
    """

    fingerprint: str
    nickname: str
    country: str = ""


class Circuit(Struct, frozen=True, kw_only=True):
    """
    A way through the network.

    Attributes:
        id: While this process lives.
        status: ``BUILT`` when it carries something, or can.
        purpose: ``HS_CLIENT_REND`` leads to a hidden service, ``GENERAL`` to an exit.
        relays: From here outwards.
    """

    id: str
    status: str
    purpose: str
    relays: tuple[Relay, ...]


class Stream(Struct, frozen=True, kw_only=True):
    """A connection over a circuit; where it leads is left out, since a report may be shown to others."""

    id: str
    status: str
    circuit: str


class Report(Struct, frozen=True, kw_only=True):
    """
    How anon stands.

    Attributes:
        program: ``anon`` or ``tor``.
        version: Its own.
        phase: Of ``life.Life``, as the next three are.
        percent: See there.
        summary: See there.
        reason: See there.
        generation: See there.
        circuits: Those it has now.
        streams: Those it has now.
        read_bytes: From the network, since the process was started.
        written_bytes: Likewise, to the network.
    """

    program: str
    version: str
    phase: str
    percent: int
    summary: str
    reason: str
    generation: int
    circuits: tuple[Circuit, ...] = ()
    streams: tuple[Stream, ...] = ()
    read_bytes: int = 0
    written_bytes: int = 0

"""Whether jobs may be dispatched: only while it is proved that nothing goes around the tunnel. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from schemas.egress import Mode
from services.orchestrator.egress import POSITIONS, Egress, Finding, heard_last

_TUNNEL_DOWN = "tunnel-down"
_NO_BACKEND = "no-backend"


class Shut(Struct, frozen=True, kw_only=True):
    """
    Why nothing is dispatched.

    Attributes:
        code: What a person who waits is told.
        is_patient: It is no backend's failure: what is asked for is taken, and waits as long as it takes.
    """

    code: str
    is_patient: bool = True


LEAK = Shut(code="leak-found")
TUNNEL = Shut(code="waiting-for-tunnel")
PROOF = Shut(code="waiting-for-proof")
BACKEND = Shut(code="waiting-for-proof", is_patient=False)
"""The tunnel is well and no backend answers through it: that is theirs, and ends as it always did."""

_FIRST = (LEAK, TUNNEL, PROOF, BACKEND)
"""Of several reasons the one that a person is told."""


def shut(
    mode: Mode, positions: Mapping[str, Egress], until: Mapping[str, datetime], now: datetime
) -> Shut | None:
    """
    Why nothing may be dispatched now; nothing when it may.

    With ``anon`` every process at every position has to have proved itself, and lately. With ``direct`` all
    stays on this machine, so only a leak that was seen counts.

    Args:
        mode: What the deployment is told to use.
        positions: By name, as far as anything was heard of them.
        until: By process, how long its last check is good for.
        now: The time.
    """
    reasons: list[Shut] = []
    for position in POSITIONS:
        egress = positions.get(position, Egress())
        counting = heard_last(egress, until, now)
        if any(one.verdict == "leaked" for one in counting.values()):
            reasons.append(LEAK)
        elif mode == "anon":
            lately = [one for name, one in counting.items() if name in until and until[name] > now]
            reasons += [why for one in lately if (why := _unproved(one, mode)) is not None]
            if not lately:
                reasons.append(PROOF)
    return min(reasons, key=_FIRST.index, default=None)


def is_spotless(mode: Mode, positions: Mapping[str, Egress]) -> bool:
    """Whether no finding could keep the gate shut, whichever processes are still heard of."""
    found = [one for egress in positions.values() for one in egress.processes.values()]
    return all(
        one.verdict != "leaked" and (mode == "direct" or _unproved(one, mode) is None) for one in found
    )


def _unproved(found: Finding, mode: Mode) -> Shut | None:
    if found.mode != mode:
        return PROOF
    if found.verdict == "verified":
        return None
    return {_TUNNEL_DOWN: TUNNEL, _NO_BACKEND: BACKEND}.get(found.code, PROOF)


def last_change(positions: Mapping[str, Egress]) -> datetime | None:
    """When a verdict last changed: what waited for the tunnel before waits for a backend only since then."""
    return max(
        (one.since for egress in positions.values() for one in egress.processes.values()), default=None
    )

"""The last verdict, for Prometheus."""

from __future__ import annotations

from typing import get_args

from prometheus_client import Gauge

from schemas.egress import Verdict
from schemas.facts import EgressChecked

_VERDICT = Gauge(
    "darkroom_egress_verdict", "1 for the last verdict, 0 for the others", ["position", "verdict"]
)
_CHECKED = Gauge("darkroom_egress_checked_seconds", "When it was found, in seconds since 1970", ["position"])


def note(found: EgressChecked) -> None:
    """Show what the last check came to."""
    for verdict in get_args(Verdict):
        _VERDICT.labels(found.position, verdict).set(verdict == found.verdict)
    _CHECKED.labels(found.position).set(found.at.timestamp())

"""What doctor says of the way out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.cli.egress_checks import of_position
from services.orchestrator.egress_report import PositionReport
from tests.builders import AT

NOW = AT + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("found", "verdict", "told", "remedy"),
    [
        ({}, "unknown", "never checked", "NATS_URL"),
        ({"verdict": "verified", "code": "verified"}, "holds", "verified (anon), since 2026-11-23", ""),
        (
            {"verdict": "leaked", "code": "socket-outside", "details": {"ports": "443"}},
            "fails",
            "socket-outside ports 443",
            "ss -tnp",
        ),
        ({"verdict": "inconclusive", "code": "tunnel-down"}, "unknown", "checked 20 s ago", "tunnel status"),
    ],
)
def test_a_position_has_a_finding(found: dict[str, Any], verdict: str, told: str, remedy: str) -> None:
    """A leak fails, doubt can't be told, and each says what to do."""
    more = {"mode": "anon", "since": AT, "checked": AT + timedelta(seconds=40)} if found else {}
    finding = of_position(PositionReport(position="tunnel", **found, **more), NOW)

    assert (verdict, "egress tunnel") == (finding.verdict, finding.what)
    assert told in finding.detail
    assert remedy in finding.remedy
    assert bool(remedy) == bool(finding.remedy)

"""What a process says of itself."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from aiohttp.test_utils import make_mocked_request

from services.common import health
from services.common.health import Check, failing_checks, health_routes


async def fine() -> str:
    return ""


async def missing() -> str:
    return "NATS is not connected"


async def hanging() -> str:
    await asyncio.Event().wait()
    return ""


async def test_only_what_is_missing_is_named() -> None:
    """With its reason."""
    assert {"nats": "NATS is not connected"} == await failing_checks({"nats": missing, "postgres": fine})
    assert {} == await failing_checks({"postgres": fine})


async def test_a_check_that_hangs_fails_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds up neither the others nor whoever asks."""
    monkeypatch.setattr(health, "_CHECK_TIMEOUT_S", 0.05)

    assert {"slow": "no answer within 0.05 s"} == await failing_checks({"slow": hanging, "ok": fine})


@pytest.mark.parametrize(
    ("checks", "status", "failing"),
    [({"nats": fine}, 200, {}), ({"nats": missing}, 503, {"nats": "NATS is not connected"})],
)
async def test_a_note_is_told_and_keeps_from_nothing(
    checks: dict[str, Check], status: int, failing: dict[str, str]
) -> None:
    """Ready or not is what the checks say; a note is named beside."""
    notes: dict[str, Check] = {}
    readyz = health_routes(checks, notes)[1].handler
    notes["egress"] = missing  # added while the process started
    response = await readyz(make_mocked_request("GET", "/readyz"))  # pyright: ignore[reportGeneralTypeIssues]

    assert status == response.status
    said = msgspec.json.decode(response.body)
    assert (failing, {"egress": "NATS is not connected"}) == (said["failing"], said["notes"])

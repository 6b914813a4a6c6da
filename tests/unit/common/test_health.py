"""What a process says of itself."""

from __future__ import annotations

import asyncio

import pytest

from services.common import health
from services.common.health import failing_checks


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

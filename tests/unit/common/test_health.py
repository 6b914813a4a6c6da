"""What a process says is missing."""

from __future__ import annotations

from services.common.health import Check, failing_checks


async def present() -> str:
    """A check that finds nothing missing."""
    return ""


async def test_only_what_is_missing_is_named() -> None:
    """A check that finds nothing missing is not among the failing ones."""

    async def absent() -> str:
        return "it is away"

    assert {"nats": "it is away"} == await failing_checks({"postgres": present, "nats": absent})


async def test_a_service_may_come_to_stand_on_more_while_it_is_asked() -> None:
    """A check added by a service that still starts is for the next question, and no error in this one."""
    checks: dict[str, Check] = {}

    async def starting() -> str:
        checks["nats"] = present
        return "still starting"

    checks["started"] = starting

    assert {"started": "still starting"} == await failing_checks(checks)

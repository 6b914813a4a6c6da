"""What a bug of ours costs: the job that meets it, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from schemas import subjects
from schemas.facts import RenderFailed, RenderSucceeded
from services.common import consumer
from services.renderer import staging
from tests.integration.renderer.bench import bench
from tests.servers import NatsServer


async def test_a_job_does_not_wait_for_an_order_that_was_parked(
    nats: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails for good, with a code of its own; the next order is carried out."""
    monkeypatch.setattr(consumer, "MAX_CRASHES", 1)

    def broken(*_: object) -> NoReturn:
        raise KeyError("a node")

    async with bench(nats, tmp_path) as studio:
        with monkeypatch.context() as patched:
            patched.setattr(staging, "filled", broken)
            fact = await studio.outcome(await studio.order())
            await studio.settled()
        parked = (await studio.bus.jetstream.stream_info(subjects.PARKED)).state.messages
        after = await studio.outcome(await studio.order())

    assert isinstance(fact, RenderFailed)
    assert ("renderer-failed", False, 1) == (fact.code, fact.retryable, parked)
    assert isinstance(after, RenderSucceeded)

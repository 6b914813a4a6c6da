"""What another attempt does otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from schemas.catalogue import Bounds
from schemas.events.job import AttemptFailed, JobDispatched, JobEvent, JobFailed, JobRequested
from schemas.facts import RenderFailed
from schemas.params import RenderParams
from services.orchestrator import job, outcome, retry
from services.orchestrator.backend import Backend
from services.orchestrator.job import Job
from services.orchestrator.mark import Mark
from tests.builders import AT, JOB, PARAMS, REPORT, SPEC, event, message

GPU = Backend(report=REPORT)
BIG = Backend(report=replace(REPORT, backend="big"))
LEAST = replace(SPEC, bounds={name: replace(b, least=b.default) for name, b in SPEC.bounds.items()})


def after(*events: JobEvent) -> Job:
    """A job to which these happened."""
    now: Job | None = None
    for number, happened in enumerate((event(JobRequested), *events), start=1):
        now = job.evolve(now, happened, Mark(position=number, at=AT))
    assert now is not None
    return now


def on(attempt: int, backend: str = "gpu", code: str = "") -> list[Any]:
    """An attempt, and how it failed if it did."""
    failed = AttemptFailed(attempt=attempt, backend=backend, code=code)
    return [JobDispatched(attempt=attempt, backend=backend), *([failed] if code else [])]


def test_a_failure_remembers_where() -> None:
    """Once each; but not what was no matter of the backend."""
    now = after(*on(1, "a", "node-failed"), *on(2, "b", "node-failed"), *on(3, "a", "node-failed"))
    assert ("a", "b") == now.failed_on

    for code in ("media-missing", "interrupted-elsewhere"):
        assert () == after(*on(1, "a", code)).failed_on


def test_out_of_memory_frees_it_first() -> None:
    """There, and nowhere else; another failure does not. Only the second time it is better elsewhere."""
    assert () == after(*on(1, code="out-of-memory")).failed_on
    assert ("gpu",) == after(*on(1, code="out-of-memory"), *on(2, code="out-of-memory")).failed_on
    assert not retry.order(after(*on(1, code="out-of-memory")), "big", SPEC).free_memory
    assert retry.order(after(*on(1, code="out-of-memory")), "gpu", SPEC).free_memory
    assert not retry.order(after(*on(1, code="node-failed")), "gpu", SPEC).free_memory
    assert JobDispatched(attempt=1, backend="gpu") == retry.order(after(), "gpu", None)


def test_out_of_memory_twice_is_rendered_smaller() -> None:
    """Half the area, to multiples; as asked where it was not tried yet. The job says what was rendered."""
    now = after(*on(1, code="out-of-memory"), *on(2, code="out-of-memory"))
    order = retry.order(now, "gpu", SPEC)

    assert (True, replace(PARAMS, width_px=720, height_px=720)) == (order.free_memory, order.params)
    assert retry.order(now, "big", SPEC).params is None
    smaller = job.evolve(now, order, Mark(position=9, at=AT))
    assert (order.params, True, False) == (smaller.params, smaller.is_smaller, now.is_smaller)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (replace(PARAMS, count=4), replace(PARAMS, count=1)),
        (PARAMS, replace(PARAMS, width_px=720, height_px=720)),
        (replace(PARAMS, width_px=512, height_px=384), replace(PARAMS, width_px=352, height_px=256)),
        (replace(PARAMS, width_px=1024, height_px=256), None),
        (RenderParams(seed=1, steps=4), None),
    ],
)
def test_what_smaller_is(asked: RenderParams, expected: RenderParams | None) -> None:
    """Fewer pictures, else fewer pixels in the same shape, within what the workflow takes."""
    assert expected == retry.smaller(asked, SPEC)
    for size in (expected.width_px, expected.height_px) if expected else ():
        assert size is not None
        assert SPEC.bounds["width_px"].least <= size
        assert 0 == size % 16


def test_nothing_smaller_than_the_least() -> None:
    """Nor fewer pictures than a workflow makes."""
    assert retry.smaller(replace(PARAMS, count=2), LEAST) == replace(PARAMS, count=1)
    assert retry.smaller(PARAMS, LEAST) is None
    pairs = replace(SPEC, bounds={"count": Bounds(least=2, most=4, default=2)})
    assert retry.smaller(replace(PARAMS, count=4), pairs) is None


@pytest.mark.parametrize(
    ("before", "spec", "backends", "expected"),
    [
        (on(1), LEAST, [GPU], AttemptFailed),
        ([*on(1, code="out-of-memory"), *on(2)], SPEC, [GPU], AttemptFailed),
        ([*on(1, code="out-of-memory"), *on(2)], LEAST, [GPU, BIG], AttemptFailed),
        ([*on(1, code="out-of-memory"), *on(2)], LEAST, [GPU], JobFailed),
        ([*on(1, "big", "out-of-memory"), *on(2)], LEAST, [GPU, BIG], AttemptFailed),
        ([*on(1, code="node-failed"), *on(2)], LEAST, [GPU], AttemptFailed),
    ],
)
def test_out_of_memory_for_good(before: list[Any], spec: Any, backends: list[Backend], expected: Any) -> None:
    """A second time, with nothing smaller and nobody else to try: said at once."""
    now = after(*before)
    fact = message(RenderFailed, attempt=now.attempt, code="out-of-memory")
    is_hopeless = retry.is_hopeless(fact.code, now, spec, backends)
    [failed] = [one.event for one in outcome.decide(JOB, fact, now, is_hopeless=is_hopeless)]

    assert (expected, "out-of-memory") == (type(failed), failed.code)

"""Which backends can do what, which are expected back, and how long anything waits for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.catalogue import BackendReport
from schemas.events.backend import BackendFaulted, BackendObserved
from services.orchestrator import backend
from services.orchestrator.ability import GRACE_S, is_taken, open_to, unable_since, why_unable
from services.orchestrator.backend import Backend
from services.orchestrator.mark import Mark
from services.orchestrator.overdue import RECLAIM_S, Held, verdict
from tests.builders import AT, DIGEST, JOB, LACK, REPORT, event

OFF = BackendReport(backend="gpu", reachable=False, reason="backend-refused")
LACKING = replace(REPORT, lacks={DIGEST: (LACK,)})
PATIENCE = timedelta(seconds=900)


def at(second: float) -> datetime:
    """A moment."""
    return AT + timedelta(seconds=second)


def observed(*reports: tuple[float, BackendReport | BackendFaulted]) -> Backend:
    """A backend of which something was found at so many seconds."""
    state: Backend | None = None
    for second, found in reports:
        happened = found if isinstance(found, BackendFaulted) else BackendObserved(report=found)
        state = backend.evolve(state, happened, Mark(position=1, at=at(second)))
    assert state is not None
    return state


WEDGED = event(BackendFaulted, code="backend-wedged")
OTHER = observed((0, replace(REPORT, backend="other")))


@pytest.mark.parametrize(
    ("found", "second", "expected"),
    [
        ([(0, REPORT)], 99, True),
        ([(0, REPORT), (10, OFF)], 10 + GRACE_S - 1, True),
        ([(0, REPORT), (10, OFF)], 10 + GRACE_S, False),
        ([(0, REPORT), (10, OFF), (30, replace(OFF, reason="backend-timeout"))], 10 + GRACE_S, False),
        ([(0, OFF)], 1, False),
        ([(0, replace(REPORT, reachable=False))], 1, False),
        ([(0, LACKING), (10, OFF)], 11, False),
        ([(0, REPORT), (10, OFF), (20, LACKING)], 21, False),
        ([(0, REPORT), (10, WEDGED)], 11, True),
    ],
)
def test_what_is_asked_while_a_backend_restarts_is_taken(
    found: list[Any],
    second: float,
    expected: bool,  # noqa: FBT001
) -> None:
    """It was able and went away less than half a minute ago; who never was, or lacks something, is not."""
    assert expected == is_taken([observed(*found)], DIGEST, at(second))


def test_what_was_known_of_a_backend_is_kept_while_it_is_away() -> None:
    """Also through several reports that it is off."""
    away = observed((0, REPORT), (10, OFF), (20, replace(OFF, reason="renderer-away")))

    assert (REPORT, at(10), True) == (away.last_seen, away.away_since, away.can(DIGEST))
    back = backend.evolve(away, BackendObserved(report=LACKING), Mark(position=2, at=at(30)))
    assert (LACKING, None, None) == (back.last_seen, back.known, back.away_since)


def test_a_report_like_the_last_one_is_no_news() -> None:
    """One that was found silent meanwhile is back with the same report as before."""
    silent = observed((0, REPORT), (10, OFF))

    assert [] == backend.observe(OFF, silent)
    assert [BackendObserved(report=REPORT)] == [one.event for one in backend.observe(REPORT, silent)]


@pytest.mark.parametrize(
    ("found", "second", "expected"),
    [
        ([(0, REPORT)], 99, None),
        ([(0, REPORT), (10, OFF)], 99, 10),
        ([(0, REPORT), (10, OFF), (20, REPORT)], 99, None),
        ([(0, REPORT), (10, OFF), (20, LACKING)], 99, 20),
        ([(0, REPORT), (10, LACKING), (20, OFF), (30, LACKING)], 99, 10),
        ([(0, REPORT), (10, LACKING), (20, REPORT)], 99, None),
        ([(0, REPORT), (10, replace(REPORT, lacks={}))], 99, 10),
        ([(0, REPORT), (10, WEDGED)], 39, 10),
        ([(0, REPORT), (10, WEDGED)], 40, None),
        ([(0, REPORT), (10, WEDGED), (40, WEDGED)], 99, 10),
    ],
)
def test_since_when_nobody_could(found: list[Any], second: float, expected: float | None) -> None:
    """Away, without the model, or broken; a breaker that is half-open is being tried."""
    since = unable_since([observed(*found)], DIGEST, at(second))

    assert (None if expected is None else at(expected)) == since


def test_the_last_that_could_counts() -> None:
    """And one that never could does not."""
    gone = observed((0, REPORT), (10, OFF))
    later = observed((0, REPORT), (50, OFF))

    assert at(50) == unable_since([gone, later, observed((0, LACKING))], DIGEST, at(99))
    never = unable_since([observed((0, LACKING))], DIGEST, at(99))
    assert never is not None
    assert never < at(-1_000_000)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], "no-backend"),
        ([OTHER.__class__(report=replace(REPORT, lacks={}))], "no-backend"),
        ([observed((0, REPORT), (10, OFF))], "backend-unreachable"),
        ([observed((0, OFF))], "backend-unreachable"),
        ([observed((0, LACKING))], "missing-model"),
        ([observed((0, LACKING)), observed((0, REPORT), (10, OFF))], "missing-model"),
        ([observed((0, REPORT), (10, WEDGED))], "backend-wedged"),
    ],
)
def test_why_nobody_can(found: list[Backend], code: str) -> None:
    """The code of a refusal, or of a job that waited in vain."""
    assert code == why_unable(found, DIGEST, "f").code


def test_an_open_breaker_takes_nothing() -> None:
    """Until the cool-down is over."""
    broken = observed((0, REPORT), (10, WEDGED))

    assert [] == open_to([broken], at(39))
    assert [broken] == open_to([broken], at(40))


def held(status: Any = "running", *, queued: float = 0) -> Held:
    """A job on ``gpu``, or in the queue."""
    there = "" if status == "queued" else "gpu"
    return Held(job_id=JOB, status=status, workflow=DIGEST, backend=there, queued_at=at(queued))


AWAY = observed((0, REPORT), (100, OFF))


@pytest.mark.parametrize(
    ("one", "found", "second", "expected"),
    [
        (held(), [observed((0, REPORT)), OTHER], 9999, "waits"),
        (held(), [AWAY, OTHER], 100 + RECLAIM_S - 1, "waits"),
        (held(), [AWAY, OTHER], 100 + RECLAIM_S, "goes elsewhere"),
        (held(), [AWAY], 100 + RECLAIM_S, "waits"),
        (held(), [AWAY], 100 + 900, "ends"),
        (held("cancelling"), [AWAY], 100 + RECLAIM_S, "ends"),
        (held("queued"), [OTHER], 9999, "waits"),
        (held("queued"), [AWAY], 100 + 899, "waits"),
        (held("queued"), [AWAY], 100 + 900, "ends"),
        (held("queued", queued=500), [AWAY], 100 + 900, "waits"),
        (held("queued", queued=500), [AWAY], 500 + 900, "ends"),
        (held("queued"), [], 900, "ends"),
    ],
)
def test_how_long_a_job_waits(one: Held, found: list[Backend], second: float, expected: str) -> None:
    """A minute for a lost backend when there is another; else as long as jobs in the queue for any."""
    assert expected == verdict(one, found, at(second), PATIENCE)

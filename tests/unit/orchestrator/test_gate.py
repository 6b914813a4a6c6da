"""When jobs may be dispatched, and what waits meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import BackendReport
from schemas.egress import Mode
from services.orchestrator.ability import is_taken, unable_since, waits_for
from services.orchestrator.backend import Backend
from services.orchestrator.egress import POSITIONS, Egress, Finding
from services.orchestrator.gate import BACKEND, LEAK, PROOF, TUNNEL, Shut, is_spotless, last_change, shut
from services.orchestrator.overdue import Held, verdict
from tests.builders import AT, DIGEST, JOB
from tests.unit.orchestrator.test_backend import LACKING, OFF, OTHER, PATIENCE, REPORT, at, observed

CUT_OFF = BackendReport(backend="gpu", reachable=False, reason="tunnel-down")
NEVER_SEEN = Backend(report=CUT_OFF)


def finding(**changed: Any) -> Finding:
    """A process that is well."""
    return Finding(**{"verdict": "verified", "mode": "anon", "code": "verified", "since": AT, **changed})


def positions(**by_position: dict[str, Finding]) -> dict[str, Egress]:
    return {name: Egress(processes=processes) for name, processes in by_position.items()}


WELL = positions(tunnel={"t": finding()}, renderer={"r": finding()})
HEARD = {"t": at(180), "r": at(180)}


def with_tunnel(**changed: Any) -> dict[str, Egress]:
    return {**WELL, "tunnel": Egress(processes={"t": finding(**changed)})}


DOWN = with_tunnel(verdict="inconclusive", code="tunnel-down")
OFF_THERE = with_tunnel(verdict="inconclusive", code="no-backend")
LEAKING = with_tunnel(verdict="leaked", code="dns-asked")


@pytest.mark.parametrize(
    ("found", "heard", "expected"),
    [
        (WELL, HEARD, None),
        (WELL, {**HEARD, "t": at(1)}, PROOF),
        (WELL, {"r": at(180)}, PROOF),
        ({}, HEARD, PROOF),
        ({"tunnel": WELL["tunnel"]}, HEARD, PROOF),
        (DOWN, HEARD, TUNNEL),
        (OFF_THERE, HEARD, BACKEND),
        (with_tunnel(verdict="inconclusive", code="observer-blind"), HEARD, PROOF),
        (with_tunnel(mode="direct"), HEARD, PROOF),
        (LEAKING, HEARD, LEAK),
        ({**DOWN, "renderer": LEAKING["tunnel"]}, {**HEARD}, LEAK),
        ({**OFF_THERE, "renderer": DOWN["tunnel"]}, HEARD, TUNNEL),
        (LEAKING, {}, LEAK),
        ({**WELL, "tunnel": Egress(processes={"t": finding(), "u": finding(verdict="leaked")})},
         {**HEARD, "u": at(180)}, LEAK),
    ],
)  # fmt: skip
def test_anon_needs_fresh_proof_of_every_position(
    found: dict[str, Egress], heard: dict[str, datetime], expected: Shut | None
) -> None:
    """Of each process at each, for the same mode; of several reasons the gravest is told."""
    assert expected == shut("anon", found, heard, at(1))


@pytest.mark.parametrize(
    ("found", "expected"), [(WELL, None), ({}, None), (DOWN, None), (OFF_THERE, None), (LEAKING, LEAK)]
)
def test_direct_is_closed_by_a_leak_alone(found: dict[str, Egress], expected: Shut | None) -> None:
    """All of it stays on this machine; what can't be proved there is no reason to wait."""
    assert expected == shut("direct", found, {}, at(1))


FINDINGS = st.builds(
    Finding,
    verdict=st.sampled_from(["verified", "leaked", "inconclusive"]),
    mode=st.sampled_from(["anon", "direct"]),
    code=st.sampled_from(["verified", "tunnel-down", "no-backend", "silent", "dns-asked"]),
    since=st.integers(-9, 0).map(at),
)
EGRESSES = st.builds(Egress, processes=st.dictionaries(st.sampled_from("abc"), FINDINGS))
FOUND = st.dictionaries(st.sampled_from(POSITIONS), EGRESSES)
UNTIL = st.dictionaries(st.sampled_from("abc"), st.integers(-5, 5).map(at))
MODES: st.SearchStrategy[Mode] = st.sampled_from(["anon", "direct"])


@given(FOUND, UNTIL)
def test_an_open_gate_means_that_all_is_proved(found: dict[str, Egress], until: dict[str, datetime]) -> None:
    """With anon: whenever it is open, each position has processes that are heard of, and all are verified."""
    if shut("anon", found, until, AT) is None:
        for position in POSITIONS:
            lately = [one for name, one in found[position].processes.items() if until.get(name, AT) > AT]
            assert lately
            assert {("verified", "anon")} == {(one.verdict, one.mode) for one in lately}


@given(FOUND, UNTIL, MODES)
def test_a_leak_of_whoever_is_heard_closes_it(
    found: dict[str, Egress], until: dict[str, datetime], mode: Mode
) -> None:
    """In either mode, whatever the others say."""
    leaks = any(
        one.verdict == "leaked" and until.get(name, AT) > AT
        for egress in found.values()
        for name, one in egress.processes.items()
    )

    assert not leaks or shut(mode, found, until, AT) == LEAK


@given(FOUND, UNTIL, UNTIL, MODES)
def test_what_is_remembered_never_opens_what_is_closed(
    found: dict[str, Egress], known: dict[str, datetime], more: dict[str, datetime], mode: Mode
) -> None:
    """Of a spotless position it is enough to know of some processes that they were heard lately."""
    if is_spotless(mode, found) and shut(mode, found, known, AT) is None:
        assert shut(mode, found, {**more, **known}, AT) is None


@pytest.mark.parametrize(
    ("backends", "waits", "expected"),
    [
        ([NEVER_SEEN], False, True),
        ([observed((0, REPORT), (10, CUT_OFF))], False, True),
        ([observed((0, LACKING), (10, CUT_OFF))], False, False),
        ([observed((0, REPORT), (10, OFF))], False, False),
        ([observed((0, REPORT), (10, OFF))], True, True),
        ([observed((0, LACKING))], True, False),
        ([], True, True),
        ([], False, False),
    ],
)
def test_what_is_asked_while_the_way_is_closed_is_taken(
    backends: list[Backend],
    waits: bool,  # noqa: FBT001
    expected: bool,  # noqa: FBT001
) -> None:
    """Unless it is known that no backend could do it even then."""
    assert expected == is_taken(backends, DIGEST, at(999), waits=waits)


@pytest.mark.parametrize(
    ("backends", "why", "code"),
    [
        ([OTHER], None, None),
        ([OTHER], TUNNEL, "waiting-for-tunnel"),
        ([OTHER], BACKEND, "waiting-for-proof"),
        ([observed((0, OFF))], BACKEND, "waiting-for-backend"),
        ([observed((0, OFF))], None, "waiting-for-backend"),
        ([NEVER_SEEN], None, "waiting-for-tunnel"),
        ([NEVER_SEEN], LEAK, "leak-found"),
    ],
)
def test_who_waits_is_told_what_for(backends: list[Backend], why: Shut | None, code: str | None) -> None:
    """The tunnel, the proof, or a backend: whichever it really is."""
    told = waits_for(backends, DIGEST, why)

    assert code == (told.code if told else None)


def held(status: str = "queued", backend: str = "") -> Held:
    return Held(job_id=JOB, status=status, workflow=DIGEST, backend=backend, queued_at=AT)  # pyright: ignore[reportArgumentType]


def test_no_time_with_the_tunnel_down_runs_out_patience() -> None:
    """Neither in the queue nor for what was with a backend; and afterwards it begins anew."""
    week = 7 * 24 * 3600
    cut_off = observed((0, REPORT), (10, CUT_OFF))
    after = observed((0, REPORT), (10, CUT_OFF), (week, OFF))

    assert unable_since([cut_off], DIGEST, at(week)) is None
    assert "waits" == verdict(held(), [cut_off], at(week), PATIENCE)
    assert "waits" == verdict(held("running", "gpu"), [cut_off], at(week), PATIENCE)
    assert "ends" == verdict(held("cancelling", "gpu"), [cut_off], at(week), PATIENCE)
    assert "waits" == verdict(held("running", "gpu"), [after], at(week + 30), PATIENCE)
    assert "waits" == verdict(held(), [after], at(week + 30), PATIENCE)
    assert "ends" == verdict(held(), [after], at(week) + PATIENCE, PATIENCE)


def test_what_waited_for_proof_waits_for_a_backend_from_then_on() -> None:
    """Its patience begins when the gate opened, and not with the job."""
    away, opened = [observed((0, REPORT), (1, OFF))], at(5000)

    assert "ends" == verdict(held(), away, at(5001), PATIENCE, None)
    assert "waits" == verdict(held(), away, at(5001), PATIENCE, opened)
    assert "ends" == verdict(held(), away, opened + PATIENCE, PATIENCE, opened)
    later = Egress(processes={"t": finding(since=opened), "u": finding()})
    assert opened == last_change({**WELL, "tunnel": later})
    assert last_change({}) is None

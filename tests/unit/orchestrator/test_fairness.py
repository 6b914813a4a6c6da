"""Whatever happens on the floor: slots and caps are kept, nobody starves, and every job ends."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.orchestrator import fairness, schedule
from services.orchestrator.fairness import LOOK_AHEAD
from services.orchestrator.job import Job
from tests.builders import uuid
from tests.unit.orchestrator.floor import Floor

BACKENDS = {"x": "ab", "y": "bc", "z": "abc"}
CODES = ("out-of-memory", "backend-unreachable", "backend-wedged", "node-failed", "no-output")
MOST_RUNNING = 3


class Referee:
    """Sees each dispatch just before it is made, and calls what breaks a rule."""

    def __init__(self, look_ahead: int = LOOK_AHEAD) -> None:
        self.floor = Floor(BACKENDS, most_running=MOST_RUNNING, given=self.look)
        self._look_ahead = look_ahead
        self._served: dict[UUID, int] = {}
        self._turns: dict[int, Counter[UUID]] = {}
        self._later: Counter[int] = Counter()
        self._own: Counter[int] = Counter()

    def look(self, job: Job, backend: str) -> None:
        """The job is about to be given to the backend."""
        self._may_go_there(job, backend)
        me = job.requested.person_id
        running = self.floor.running()
        assert running[me] < MOST_RUNNING
        for other in self.floor.ready():
            person = other.requested.person_id
            if backend not in self.floor.wanted(other) or running[person] >= MOST_RUNNING:
                continue
            if person == me:
                self._own[other.position] += other.position < job.position
                assert self._own[other.position] <= self._look_ahead
                continue
            since = max(self._served.get(person, 0), other.position)
            self._turns.setdefault(other.position, Counter())[me] += 1
            self._later[other.position] += job.position > since
            assert self._turns[other.position][me] <= 2
            assert self._later[other.position] <= self._look_ahead
        self._begin_anew(me)

    def _may_go_there(self, job: Job, backend: str) -> None:
        where = self.floor.backends[backend]
        standing = where.breaker.standing(self.floor.now)
        assert job in self.floor.ready()
        assert where.report.reachable
        assert where.can(job.requested.workflow)
        assert standing != "open"
        assert len(self.floor.with_backend(backend)) < (2 if standing == "closed" else 1)
        assert backend in self.floor.wanted(job)

    def _begin_anew(self, person: UUID) -> None:
        """A person gets a turn."""
        self._served[person] = self.floor.position + 1
        for job in self.floor.jobs.values():
            if job.requested.person_id == person:
                self._turns.pop(job.position, None)
                self._later.pop(job.position, None)

    def nothing_is_left_lying(self) -> None:
        """No job waits beside a slot that is free for it."""
        free = {slots.backend for slots in self.floor.slots() if slots.free}
        running = self.floor.running()
        for job in self.floor.ready():
            assert not free & self.floor.wanted(job) or running[job.requested.person_id] >= MOST_RUNNING


_NAMES = st.sampled_from(sorted(BACKENDS))
_STEPS = st.lists(
    st.one_of(
        *[st.tuples(st.just("ask"), st.integers(0, 3), st.sampled_from("abc"))] * 4,
        *[st.tuples(st.just("ask"), st.integers(4, 40), st.sampled_from("aaab"))] * 2,
        st.tuples(st.just("finish"), _NAMES),
        st.tuples(st.just("finish"), _NAMES),
        st.tuples(st.just("finish"), _NAMES, st.sampled_from(CODES)),
        st.tuples(st.just("observe"), _NAMES),
        st.tuples(st.just("away"), _NAMES),
        st.tuples(st.just("without"), _NAMES, st.sampled_from("abc")),
        st.tuples(st.just("wait"), st.sampled_from((3, 40, 300))),
        st.tuples(st.just("cancel"), st.integers(0, 99)),
    ),
    min_size=30,
    max_size=150,
)


def take(floor: Floor, step: tuple[Any, ...]) -> None:
    """One thing that happens."""
    match step:
        case ("away", name):
            floor.observe(name, reachable=False)
        case ("without", name, workflow):
            floor.observe(name, without=workflow)
        case (what, *arguments):
            getattr(floor, what)(*arguments)


@pytest.mark.parametrize("look_ahead", [2, LOOK_AHEAD])
@settings(max_examples=60, deadline=None)
@given(steps=_STEPS, end=st.sampled_from(("all is well", "all is off")))
def test_whatever_happens_it_is_fair_and_every_job_ends(
    look_ahead: int, steps: list[tuple[Any, ...]], end: str
) -> None:
    """
    Each dispatch keeps slots, breakers, abilities, caps and both bounds of fairness; then every job ends.

    It ends whether everything works again or everything is off for good.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module in (fairness, schedule):
            patch.setattr(module, "LOOK_AHEAD", look_ahead)
        referee = Referee(look_ahead)
        floor = referee.floor
        for step in steps:
            take(floor, step)
            referee.nothing_is_left_lying()
        if end == "all is well":
            for name in BACKENDS:
                floor.observe(name)
            for _ in range(len(floor.jobs)):
                floor.wait(40)
                for name in BACKENDS:
                    floor.finish(name)
        else:
            for name in BACKENDS:
                floor.observe(name, reachable=False)
            floor.wait(2000)
        assert [] == floor.open_jobs()


def test_an_endless_stream_of_newcomers_starves_nobody() -> None:
    """They come first, having had nothing yet, but only so many of them; warm or not."""
    referee = Referee()
    floor = referee.floor
    for name in ("y", "z"):
        floor.observe(name, reachable=False)
    for workflow in "bbb":
        floor.ask(0, workflow)  # two of them go at once
    for number in range(1, LOOK_AHEAD + 3):
        floor.ask(number, "a")
    for number in range(LOOK_AHEAD + 1):
        floor.ask(100 + number, "a")
        floor.finish("x")

    last = max(floor.jobs.values(), key=lambda job: job.dispatched_at or 0)
    assert uuid(900) == last.requested.person_id


def test_a_newcomer_comes_before_who_has_two_with_the_backend() -> None:
    """However long that one's queue is."""
    floor = Referee().floor
    for name in ("y", "z"):
        floor.observe(name, reachable=False)
    for _ in range(6):
        floor.ask(0, "a")
    floor.ask(1, "a")
    floor.finish("x")

    assert [uuid(900), uuid(901)] == [job.requested.person_id for _, job in floor.with_backend("x")]


def test_warm_models_are_used_again() -> None:
    """Two people with two workflows on one backend: it switches half as often as they take turns."""
    floor = Referee().floor
    for name in ("y", "z"):
        floor.observe(name, reachable=False)
    for number in range(16):
        floor.ask(number % 2, "ab"[number % 2])
    while floor.with_backend("x"):
        floor.finish("x")

    given_out = sorted(floor.jobs.values(), key=lambda job: job.dispatched_at or 0)
    order = [job.requested.workflow for job in given_out]
    assert 9 > sum(one != other for one, other in pairwise(order))

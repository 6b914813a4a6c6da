"""Who comes next, and where to."""

from __future__ import annotations

import time
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.orchestrator.schedule import Slots, Waiting, in_turn, schedule
from tests.builders import uuid


def waiting(number: int, person: int, *, workflow: str = "w") -> Waiting:
    """A job in line."""
    return Waiting(job_id=uuid(number), person_id=uuid(900 + person), position=number, workflow=workflow)


def numbers(jobs: list[Waiting]) -> list[int]:
    """Jobs by their numbers."""
    return [job.position for job in jobs]


ONE = [Slots(backend="a", free=1, workflows=frozenset({"w"}))]


def test_people_take_turns() -> None:
    """Ten jobs of one person don't hold up the one of another."""
    queue = [waiting(n, person=1) for n in range(1, 6)] + [waiting(6, person=2), waiting(7, person=3)]

    assert [1, 6, 7, 2, 3, 4, 5] == numbers(in_turn(queue, {}))


def test_who_was_served_last_comes_last() -> None:
    """Turns are remembered from the log."""
    queue = [waiting(1, person=1), waiting(2, person=2)]

    assert [2, 1] == numbers(in_turn(queue, {uuid(901): 50, uuid(902): 40}))


def test_a_job_that_no_free_backend_can_do_is_passed_over() -> None:
    """It keeps its turn, and others need not wait for it."""
    queue = [waiting(1, person=1, workflow="other"), waiting(2, person=2)]

    assert [uuid(2)] == [a.job_id for a in schedule(queue, {}, ONE)]


def test_the_emptier_backend_is_chosen() -> None:
    """Work spreads."""
    backends = [
        Slots(backend="a", free=1, workflows=frozenset({"w"})),
        Slots(backend="b", free=2, workflows=frozenset({"w"})),
    ]

    given_out = schedule([waiting(n, person=n) for n in (1, 2, 3, 4)], {}, backends)
    assert ["b", "b", "a"] == sorted((a.backend for a in given_out), reverse=True)


_QUEUES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from("wxz")), min_size=0, max_size=25).map(
    lambda rows: [waiting(n, p, workflow=w) for n, (p, w) in enumerate(rows, start=1)]
)
_BACKENDS = st.lists(st.tuples(st.integers(0, 3), st.frozensets(st.sampled_from("wxz"))), max_size=3).map(
    lambda rows: [Slots(backend=str(n), free=f, workflows=w) for n, (f, w) in enumerate(rows)]
)
_SERVED = st.dictionaries(st.integers(0, 4).map(lambda p: uuid(900 + p)), st.integers(0, 99))


@given(_QUEUES, _SERVED, _BACKENDS)
def test_slots_are_never_overbooked_and_never_left_empty(
    queue: list[Waiting], served: dict[UUID, int], backends: list[Slots]
) -> None:
    """No job twice, no backend over its slots or abilities, and no job beside a slot that is free for it."""
    given_out = schedule(queue, served, backends)
    by_id = {job.job_id: job for job in queue}
    free = {slots.backend: slots.free for slots in backends}
    able = {slots.backend: slots.workflows for slots in backends}

    assert len(given_out) == len({assignment.job_id for assignment in given_out})
    for assignment in given_out:
        free[assignment.backend] -= 1
        assert by_id[assignment.job_id].workflow in able[assignment.backend]
    assert all(left >= 0 for left in free.values())
    left_over = [job for job in queue if job.job_id not in {a.job_id for a in given_out}]
    assert not [1 for job in left_over for name, left in free.items() if left and job.workflow in able[name]]


def test_a_long_queue_is_ordered_in_time() -> None:
    """Ten thousand people with one job each are put in turn at once: the cost hardly grows with them."""
    queue = [waiting(n, person=n) for n in range(10_000)]
    began_s = time.perf_counter()

    assert list(range(10_000)) == numbers(in_turn(queue, {}))
    assert time.perf_counter() - began_s < 2  # a search for each of them took a minute


@given(_QUEUES, _SERVED)
def test_nobody_waits_for_more_than_one_turn_of_each_other(
    queue: list[Waiting], served: dict[UUID, int]
) -> None:
    """Before a person's n-th job at most n of any other person's are served: nobody starves."""
    line = in_turn(queue, served)
    assert sorted(numbers(line)) == sorted(numbers(queue))
    for place, job in enumerate(line):
        mine = sum(1 for other in line[: place + 1] if other.person_id == job.person_id)
        for person in {other.person_id for other in line}:
            theirs = sum(1 for other in line[:place] if other.person_id == person)
            assert theirs <= mine

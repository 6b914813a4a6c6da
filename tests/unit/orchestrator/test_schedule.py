"""Who comes next, and where to."""

from __future__ import annotations

import gc
import time
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.orchestrator.fairness import LOOK_AHEAD, Served, Turns, Waiting
from services.orchestrator.schedule import Cap, Slots, schedule
from tests.builders import uuid

NO_CAP = Cap(most=1000)


def waiting(number: int, person: int, *, workflow: str = "w", failed_on: str = "") -> Waiting:
    """A job in line."""
    return Waiting(
        job_id=uuid(number),
        person_id=uuid(900 + person),
        position=number,
        workflow=workflow,
        failed_on=frozenset(failed_on),
    )


def slots(backend: str, free: int, workflows: str = "w", **more: Any) -> Slots:
    """A backend; workflows are letters."""
    return Slots(backend=backend, free=free, workflows=frozenset(workflows), **more)


def served(**by_person: int) -> dict[UUID, Served]:
    """When persons ``p1``, ``p2``, … were served last."""
    return {uuid(900 + int(name[1:])): Served(last=last) for name, last in by_person.items()}


def numbers(jobs: Any) -> list[int]:
    """Jobs by their numbers."""
    return [job.position for job in jobs]


def given_out(
    queue: list[Waiting], *backends: Slots, cap: Cap = NO_CAP, turns: Turns | None = None
) -> list[tuple[int, str]]:
    """Numbers of jobs and where they go."""
    assigned = schedule(turns or Turns(queue, {}), backends, cap)
    return [(one.job_id.int, one.backend) for one in assigned]


def test_people_take_turns() -> None:
    """Five jobs of one person don't hold up the one of another."""
    queue = [waiting(n, person=1) for n in range(1, 6)] + [waiting(6, person=2), waiting(7, person=3)]

    assert [1, 6, 7, 2, 3, 4, 5] == numbers(Turns(queue, {}).in_turn())


def test_who_was_served_last_comes_last() -> None:
    """Turns are remembered from the log."""
    queue = [waiting(1, person=1), waiting(2, person=2)]

    assert [2, 1] == numbers(Turns(queue, served(p1=50, p2=40)).in_turn())


def test_who_was_passed_by_enough_newcomers_comes_first() -> None:
    """So many jobs that were asked later have had their turn."""
    queue = [waiting(1, person=1), waiting(99, person=2)]
    before = served(p1=50)

    assert [99, 1] == numbers(Turns(queue, before, range(51, 51 + LOOK_AHEAD - 1)).in_turn())
    assert [1, 99] == numbers(Turns(queue, before, range(51, 51 + LOOK_AHEAD)).in_turn())


def test_a_job_that_no_free_backend_can_do_is_passed_over() -> None:
    """It keeps its turn, and others need not wait for it."""
    queue = [waiting(1, person=1, workflow="o"), waiting(2, person=2)]

    assert [(2, "a")] == given_out(queue, slots("a", 1))


def test_idle_backends_come_before_staging() -> None:
    """Each has something to run before anything is put behind another."""
    queue = [waiting(n, person=n) for n in range(1, 6)]
    backends = slots("a", 1, busy=1, warm="w"), slots("b", 2), slots("c", 2)

    assert ["b", "c", "a", "b", "c"] == [backend for _, backend in given_out(queue, *backends)]


def test_the_faster_backend_is_chosen() -> None:
    """By what was measured; one that was never measured comes after it."""
    queue = [waiting(n, person=n) for n in (1, 2, 3)]
    backends = slots("a", 2), slots("b", 2, seconds={"w": 9.0}), slots("c", 2, seconds={"w": 3.0})

    assert [(1, "c"), (2, "b"), (3, "a")] == given_out(queue, *backends)


def test_a_warm_backend_is_chosen() -> None:
    """Before a faster one: what it has to load first takes longer than that."""
    backends = slots("a", 2, seconds={"w": 1.0}), slots("b", 2, warm="w", seconds={"w": 2.0})

    assert [(1, "b")] == given_out([waiting(1, person=1)], *backends)


def test_a_warm_job_goes_first() -> None:
    """Of another person, or of the same one."""
    warm = slots("a", 1, "wx", warm="w")

    for person in (1, 2):
        queue = [waiting(1, person=1, workflow="x"), waiting(2, person=person)]
        assert [(2, "a")] == given_out(queue, warm)


def test_a_backend_that_is_warm_for_another_is_left_to_it() -> None:
    """As long as there is one for which nobody's models are loaded."""
    queue = [waiting(1, person=1, workflow="x"), waiting(2, person=2)]

    assert [(1, "b"), (2, "a")] == given_out(queue, slots("a", 1, "wx", warm="w"), slots("b", 1, "wx"))


def test_a_warm_job_goes_first_at_most_twice() -> None:
    """Between two turns of whoever is overtaken; also when all of it is decided at once."""
    queue = [waiting(1, person=1, workflow="x"), *(waiting(n, person=2) for n in range(2, 6))]

    assert [2, 3, 1, 4] == [number for number, _ in given_out(queue, slots("a", 4, "wx", warm="w"))]


def test_an_old_job_is_not_passed_over_by_ones_own_for_ever() -> None:
    """After so many younger jobs it goes, loaded or not."""
    queue = [waiting(1, person=1, workflow="x"), waiting(99, person=1)]
    warm = slots("a", 1, "wx", warm="w")

    few, enough = (Turns(queue, served(p1=98), range(2, 2 + count)) for count in (LOOK_AHEAD - 1, LOOK_AHEAD))
    assert [(99, "a")] == given_out(queue, warm, turns=few)
    assert [(1, "a")] == given_out(queue, warm, turns=enough)


def test_what_is_looked_ahead_for_warmth_is_bounded() -> None:
    """Further back nobody looks."""
    cold = [waiting(n, person=n, workflow="x") for n in range(1, LOOK_AHEAD + 1)]
    queue = [*cold, waiting(99, person=99)]

    assert [(1, "a")] == given_out(queue, slots("a", 1, "wx", warm="w"))
    assert [(99, "a")] == given_out(queue[1:], slots("a", 1, "wx", warm="w"))


def test_a_job_goes_where_it_has_not_failed() -> None:
    """It waits for that one when it is full, and goes back when there is no other."""
    queue = [waiting(1, person=1, failed_on="a")]

    assert [(1, "b")] == given_out(queue, slots("a", 2), slots("b", 1, busy=1))
    assert [] == given_out(queue, slots("a", 2), slots("b", 0, busy=2))
    assert [(1, "a")] == given_out(queue, slots("a", 2), slots("b", 2, "x"))


def test_a_person_has_only_so_many_running() -> None:
    """The next one's job goes meanwhile."""
    queue = [waiting(n, person=1) for n in (1, 2, 3)] + [waiting(4, person=2)]
    cap = Cap(most=2, running={uuid(901): 1})

    assert [(4, "a"), (1, "a")] == given_out(queue, slots("a", 4), cap=cap, turns=Turns(queue, served(p1=9)))


_QUEUES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from("wxz")), min_size=0, max_size=25).map(
    lambda rows: [waiting(n, p, workflow=w) for n, (p, w) in enumerate(rows, start=1)]
)
_SERVED = st.dictionaries(
    st.integers(0, 4).map(lambda p: uuid(900 + p)), st.integers(1, 99).map(lambda at: Served(last=at))
)


@given(_QUEUES, _SERVED)
def test_nobody_waits_for_more_than_one_turn_of_each_other(
    queue: list[Waiting], before: dict[UUID, Served]
) -> None:
    """The line as it is shown: before a person's n-th job at most n of any other person's."""
    line = list(Turns(queue, before).in_turn())
    assert sorted(numbers(line)) == sorted(numbers(queue))
    for place, job in enumerate(line):
        mine = sum(1 for other in line[: place + 1] if other.person_id == job.person_id)
        for person in {other.person_id for other in line}:
            theirs = sum(1 for other in line[:place] if other.person_id == person)
            assert theirs <= mine


def test_the_cost_of_a_long_queue_grows_as_it_does() -> None:
    """Ten times as many people cost not much more than ten times as much, and not a hundred times."""

    def cost_s(people: int) -> float:
        queue = [waiting(n, person=n) for n in range(1, people + 1)]
        costs: list[float] = []
        for _ in range(3):
            began_s = time.process_time()
            assert list(range(1, people + 1)) == numbers(Turns(queue, {}).in_turn())
            assert [(1, "a"), (2, "a")] == given_out(queue, slots("a", 2))
            costs.append(time.process_time() - began_s)
        return min(costs)

    # The collector goes through whatever the other tests have left in this process.
    gc.disable()
    try:
        assert cost_s(20_000) < 50 * cost_s(2_000)
    finally:
        gc.enable()

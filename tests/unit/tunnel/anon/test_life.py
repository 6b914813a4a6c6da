from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from services.tunnel.anon import life
from services.tunnel.anon.life import (
    Life,
    failed,
    failures_after,
    observed,
    pause_s,
    renewed,
    started,
    stopped,
)

Step = Callable[[Life], Life]


def observation(percent: int, *, has_circuit: bool) -> Step:
    """The step that an observation of the control port makes."""
    return lambda before: observed(before, percent, "Done", has_circuit=has_circuit)


STEPS: st.SearchStrategy[Step] = st.one_of(
    st.sampled_from([started, renewed, lambda before: failed(before, life.CRASHED)]),
    st.builds(observation, st.integers(0, 100), has_circuit=st.booleans()),
)


def test_the_usual_way() -> None:
    """Started, on its way, up; each says how far it is, and why it is not up yet."""
    first = started(Life())
    on_its_way = observed(first, 50, "Loading relay descriptors", has_circuit=False)
    up = observed(on_its_way, 100, "Done", has_circuit=True)

    assert ("starting", 1) == (first.phase, first.generation)
    assert ("bootstrapping", 50) == (on_its_way.phase, on_its_way.percent)
    assert "50 %: Loading relay descriptors" in on_its_way.words
    assert ("up", "", "") == (up.phase, up.reason, up.words)


def test_a_crash() -> None:
    """After a crash it is down, and the next process is another generation that begins at 0 %."""
    up = observed(started(Life()), 100, "Done", has_circuit=True)
    down = failed(up, life.CRASHED)
    again = started(down)

    assert ("down", "crashed", 1) == (down.phase, down.reason, down.generation)
    assert ("starting", 0, 2) == (again.phase, again.percent, again.generation)


def test_the_network_is_lost() -> None:
    """100 % without a circuit is not up, and up again as soon as there is one."""
    up = observed(started(Life()), 100, "Done", has_circuit=True)
    lost = observed(up, 100, "Done", has_circuit=False)

    assert ("down", "no-circuit") == (lost.phase, lost.reason)
    assert up == observed(lost, 100, "Done", has_circuit=True)


def test_every_reason_has_words() -> None:
    """An operator reads a sentence, not a code."""
    codes = {value for name, value in vars(life).items() if name.isupper() and isinstance(value, str)}

    assert codes == set(life.WORDS)


@given(st.lists(STEPS))
def test_only_up_carries_anything(steps: list[Step]) -> None:
    """Up is 100 % without a reason not to be; nothing else is without a reason. Generations only grow."""
    now, generation = Life(), 0
    for step in steps:
        now = step(now)

        assert (now.phase == "up") == (now.reason == "")
        assert now.phase != "up" or now.percent == 100
        assert now.generation >= generation
        generation = now.generation


@given(st.lists(STEPS), st.lists(STEPS))
def test_stopped_is_the_end(before: list[Step], after: list[Step]) -> None:
    """Whatever is still seen of a process that is asked to end: it is never up again."""
    now = Life()
    for step in before:
        now = step(now)
    now = stopped(now)
    for step in after:
        now = step(now)

        assert ("stopped", "stopped") == (now.phase, now.reason)


def test_pauses() -> None:
    """From half a second, doubled with each failure in a row, to a minute."""
    assert [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0] == [pause_s(count) for count in range(1, 10)]
    assert 60.0 == pause_s(1000)


def test_a_steady_one_starts_anew() -> None:
    """After a minute of being up, a failure counts as the first."""
    assert (1, 6) == (failures_after(5, 60.0), failures_after(5, 59.9))

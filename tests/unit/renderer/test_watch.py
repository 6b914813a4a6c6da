"""When a submitted prompt is given up."""

from __future__ import annotations

import pytest

from services.common.errors import ServiceError
from services.renderer.comfyui.standing import Standing
from services.renderer.errors import (
    AttemptFailedError,
    BackendCutError,
    BackendDownError,
    TunnelDownError,
    UnexpectedAnswerError,
)
from services.renderer.watch import Limits, Sign, Watch

LIMITS = Limits(silence_s=100.0, stall_s=10.0, idle_s=20.0)
ABSENT = Standing(state="absent")
RUNNING = Standing(state="running", running=("a",), copies=1)
STUCK = Standing(state="pending", copies=1)
NOTHING = Sign()


def behind(ahead: int, running: str = "b") -> Standing:
    """Waiting while another runs."""
    return Standing(state="pending", ahead=ahead, running=(running,), copies=1)


def step(heard: int) -> Sign:
    """Between two steps."""
    return Sign(heard=heard, is_counting=True)


@pytest.fixture
def watch() -> Watch:
    return Watch(LIMITS, 0.0)


def test_lost_only_after_several_looks_over_some_time(watch: Watch) -> None:
    """Two looks prove nothing, nor do three at once."""
    for now in (0.0, 0.1, 0.2, 0.9):
        watch.saw(ABSENT, NOTHING, now)

    with pytest.raises(AttemptFailedError, match="backend-lost-job"):
        watch.saw(ABSENT, NOTHING, 1.0)


def test_seen_again_it_was_never_lost(watch: Watch) -> None:
    """The count begins anew."""
    watch.saw(ABSENT, NOTHING, 0.0)
    watch.saw(ABSENT, NOTHING, 0.9)
    watch.saw(RUNNING, NOTHING, 1.0)
    watch.saw(ABSENT, NOTHING, 5.0)
    watch.saw(ABSENT, NOTHING, 5.1)


def test_wedged_when_it_waits_and_nothing_runs(watch: Watch) -> None:
    """A living ComfyUI takes the next prompt at once."""
    watch.saw(STUCK, NOTHING, 0.0)
    watch.saw(STUCK, NOTHING, LIMITS.idle_s - 0.1)

    with pytest.raises(AttemptFailedError, match="backend-wedged"):
        watch.saw(STUCK, NOTHING, LIMITS.idle_s)


def test_waiting_behind_another_is_not_wedged(watch: Watch) -> None:
    """However long that takes, as long as the queue moves."""
    for ahead, now in ((3, 0.0), (2, 99.0), (1, 198.0)):
        watch.saw(behind(ahead), NOTHING, now)


def test_another_ones_turn_is_a_sign_of_life(watch: Watch) -> None:
    """Someone jumped the queue: as many are ahead as before, but something moves."""
    for running, now in (("b", 0.0), ("c", 99.0), ("d", 198.0)):
        watch.saw(behind(1, running), NOTHING, now)


def test_waiting_for_ever_behind_a_foreign_prompt(watch: Watch) -> None:
    """The backend is busy, not stuck: it is given up all the same, and says so."""
    watch.saw(behind(1), NOTHING, 0.0)

    with pytest.raises(AttemptFailedError, match="backend-busy"):
        watch.saw(behind(1), NOTHING, 100.0)


def test_waiting_behind_an_attempt_of_our_own(watch: Watch) -> None:
    """That one is watched itself, however long it takes."""
    for now in (0.0, 99.0, 198.0, 297.0):
        watch.saw(behind(1), Sign(is_behind_ours=True), now)


def test_a_load_may_be_silent_for_long(watch: Watch) -> None:
    """No step was counted yet: only the long patience ends it."""
    watch.saw(RUNNING, Sign(heard=2), 0.0)
    watch.saw(RUNNING, Sign(heard=2), 99.0)


def test_between_two_steps_silence_is_short(watch: Watch) -> None:
    """The model is loaded and the steps come: that they stop is noticed soon."""
    watch.saw(RUNNING, step(1), 0.0)
    watch.saw(RUNNING, step(1), 9.9)

    with pytest.raises(AttemptFailedError, match="render-timeout"):
        watch.saw(RUNNING, step(1), 10.0)


def test_slow_steps_are_given_longer(watch: Watch) -> None:
    """Ten times the slowest so far, but never longer than silence may last at all."""
    watch.saw(RUNNING, step(1), 0.0)
    watch.saw(RUNNING, step(2), 5.0)
    watch.saw(RUNNING, step(2), 54.9)

    with pytest.raises(AttemptFailedError, match="render-timeout"):
        watch.saw(RUNNING, step(2), 55.0)


def test_after_the_last_step_silence_is_long_again(watch: Watch) -> None:
    """What comes next may be the load of a second model, or the decoding of a long video."""
    watch.saw(RUNNING, step(1), 0.0)
    watch.saw(RUNNING, Sign(heard=2), 5.0)
    watch.saw(RUNNING, Sign(heard=2), 104.9)


def test_timed_out_without_a_sign_of_life(watch: Watch) -> None:
    """An event of the prompt, or a change of where it stands, begins the time anew."""
    watch.saw(RUNNING, Sign(heard=1), 0.0)
    watch.saw(RUNNING, Sign(heard=2), 99.0)
    watch.saw(RUNNING, Sign(heard=2), 198.0)

    with pytest.raises(AttemptFailedError, match="render-timeout"):
        watch.saw(RUNNING, Sign(heard=2), 199.0)


@pytest.mark.parametrize(
    ("trouble", "code", "reason"),
    [
        (BackendDownError(code="backend-refused"), "backend-unreachable", "backend-refused"),
        (BackendCutError(), "backend-unreachable", "backend-cut"),
        (UnexpectedAnswerError(), "backend-answer", "backend-answer"),
    ],
)
def test_out_of_reach_for_too_long(watch: Watch, trouble: ServiceError, code: str, reason: str) -> None:
    """Trouble is borne until the timeout, then the attempt fails with what it was."""
    watch.saw(RUNNING, Sign(heard=1), 0.0)
    watch.could_not_look(trouble, 99.0)

    with pytest.raises(AttemptFailedError) as raised:
        watch.could_not_look(trouble, 100.0)

    assert (code, {"reason": reason}) == (raised.value.code, raised.value.details)


def test_our_own_tunnel_fails_no_attempt(watch: Watch) -> None:
    """The order comes again instead."""
    with pytest.raises(TunnelDownError):
        watch.could_not_look(TunnelDownError(), 100.0)


def test_what_could_not_be_looked_at_is_not_wedged(watch: Watch) -> None:
    """Half of the time that nothing ran was not seen."""
    watch.saw(STUCK, NOTHING, 0.0)
    watch.could_not_look(BackendDownError(), 10.0)
    watch.saw(STUCK, NOTHING, LIMITS.idle_s)

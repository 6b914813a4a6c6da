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
from services.renderer.watch import WEDGED_AFTER_S, Watch

ABSENT = Standing(state="absent")
RUNNING = Standing(state="running", busy=True, copies=1)
STUCK = Standing(state="pending", busy=False, copies=1)


def behind(ahead: int) -> Standing:
    """Waiting while another runs."""
    return Standing(state="pending", ahead=ahead, busy=True, copies=1)


@pytest.fixture
def watch() -> Watch:
    return Watch(100.0, 0.0)


def test_lost_only_after_several_looks_over_some_time(watch: Watch) -> None:
    """Two looks prove nothing, nor do three at once."""
    for now in (0.0, 0.1, 0.2, 0.9):
        watch.saw(ABSENT, 0, now)

    with pytest.raises(AttemptFailedError, match="backend-lost-job"):
        watch.saw(ABSENT, 0, 1.0)


def test_seen_again_it_was_never_lost(watch: Watch) -> None:
    """The count begins anew."""
    watch.saw(ABSENT, 0, 0.0)
    watch.saw(ABSENT, 0, 0.9)
    watch.saw(RUNNING, 0, 1.0)
    watch.saw(ABSENT, 0, 5.0)
    watch.saw(ABSENT, 0, 5.1)


def test_wedged_when_it_waits_and_nothing_runs(watch: Watch) -> None:
    """A living ComfyUI takes the next prompt at once."""
    watch.saw(STUCK, 0, 0.0)
    watch.saw(STUCK, 0, WEDGED_AFTER_S - 0.1)

    with pytest.raises(AttemptFailedError, match="backend-wedged"):
        watch.saw(STUCK, 0, WEDGED_AFTER_S)


def test_waiting_behind_another_is_not_wedged(watch: Watch) -> None:
    """However long that takes, as long as the queue moves."""
    for ahead, now in ((3, 0.0), (2, 99.0), (1, 198.0)):
        watch.saw(behind(ahead), 0, now)


def test_timed_out_without_a_sign_of_life(watch: Watch) -> None:
    """An event of the prompt, or a change of where it stands, begins the time anew."""
    watch.saw(RUNNING, 1, 0.0)
    watch.saw(RUNNING, 2, 99.0)
    watch.saw(RUNNING, 2, 198.0)

    with pytest.raises(AttemptFailedError, match="render-timeout"):
        watch.saw(RUNNING, 2, 199.0)


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
    watch.saw(RUNNING, 1, 0.0)
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
    watch.saw(STUCK, 0, 0.0)
    watch.could_not_look(BackendDownError(), 10.0)
    watch.saw(STUCK, 0, WEDGED_AFTER_S)

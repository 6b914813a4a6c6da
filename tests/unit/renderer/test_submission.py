"""Submitting once."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from services.renderer import submission
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.standing import Standing
from services.renderer.errors import (
    AttemptFailedError,
    BackendCutError,
    BackendDownError,
    CalledOffError,
    UnexpectedAnswerError,
)
from services.renderer.submission import Submission
from services.renderer.underway import Underway
from services.renderer.wanted import Wanted

PROMPT = uuid4()
ABSENT, PENDING = Standing(state="absent"), Standing(state="pending", copies=1)


class Backend:
    """Answers a submission as told, and shows the prompt from the look on that it is told."""

    def __init__(self, answers: list[Exception | None], looks: Iterator[Standing]) -> None:
        self.answers = answers
        self.submitted = 0
        self._looks = looks

    async def submit(self) -> None:
        answer = self.answers[self.submitted]
        self.submitted += 1
        if answer is not None:
            raise answer

    async def is_wanted(self, job_id: object, attempt: object) -> bool:
        return True

    async def standing(self, prompt_id: object) -> Standing:
        return next(self._looks)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "_SETTLING_S", (0, 0))


async def make(backend: Backend, underway: Underway | None = None) -> None:
    """Submit."""
    anything = cast("Any", backend)
    underway = underway or Underway()
    order = SimpleNamespace(prompt_id=PROMPT, job_id=PROMPT, attempt=1)
    wanted = Wanted(anything, underway, cast("Any", order))
    await Submission(cast("ComfyUI", anything), underway, PROMPT, wanted, 1.0).make(backend.submit)


async def test_a_good_answer_is_enough() -> None:
    """Nothing is looked up."""
    backend = Backend([None], iter(()))
    await make(backend)

    assert 1 == backend.submitted


@pytest.mark.parametrize("trouble", [BackendCutError(), UnexpectedAnswerError()])
async def test_without_a_good_answer_it_is_looked_for(trouble: Exception) -> None:
    """It turns up at the second look: it is not sent again."""
    backend = Backend([trouble, None], iter((ABSENT, PENDING)))
    await make(backend)

    assert 1 == backend.submitted


async def test_what_never_arrived_is_sent_again() -> None:
    """After every look has found nothing."""
    backend = Backend([BackendCutError(), None], iter((ABSENT, ABSENT)))
    await make(backend)

    assert 2 == backend.submitted


async def test_it_is_not_sent_for_ever() -> None:
    """The third time is the last, and the failure says what the trouble was."""
    backend = Backend([BackendCutError()] * 3, iter((ABSENT,) * 6))

    with pytest.raises(AttemptFailedError) as raised:
        await make(backend)

    assert ("backend-unreachable", {"reason": "backend-cut"}) == (raised.value.code, raised.value.details)
    assert 3 == backend.submitted


async def test_what_did_not_arrive_for_certain_is_said_at_once() -> None:
    """A backend that could not be reached has nothing to be looked for."""
    backend = Backend([BackendDownError()], iter(()))

    with pytest.raises(BackendDownError):
        await make(backend)


async def test_a_cancelled_attempt_is_not_submitted() -> None:
    """Not even when the cancellation came at the last moment."""
    underway, backend = Underway(), Backend([None], iter(()))
    await underway.cancel(PROMPT)

    with pytest.raises(CalledOffError):
        await make(backend, underway)

    assert 0 == backend.submitted


async def test_a_cancellation_between_two_tries() -> None:
    """The first try got lost; there is no second."""
    underway = Underway()

    def looks() -> Iterator[Standing]:
        underway._cancelled[PROMPT] = None
        yield ABSENT
        yield ABSENT

    backend = Backend([BackendCutError(), None], looks())
    with pytest.raises(CalledOffError):
        await make(backend, underway)

    assert 1 == backend.submitted

"""What a history entry says."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.renderer.catalogue import OWN, read_workflow
from services.renderer.comfyui import outcome
from services.renderer.comfyui.answers import Ended, read
from services.renderer.comfyui.failure import failure

FLUX = read_workflow(OWN / "flux-schnell")


def ended(outputs: Any = None, status: str = "success", messages: Any = ()) -> Ended:
    """As it comes over the wire."""
    entry = {
        "outputs": outputs or {},
        "status": {"status_str": status, "completed": True, "messages": messages},
    }
    return read(msgspec.json.encode(entry), Ended)


def errored(**data: Any) -> Ended:
    """A failed prompt."""
    return ended(status="error", messages=[["execution_start", {}], ["execution_error", data]])


def test_interrupted_is_not_failed() -> None:
    """ComfyUI calls both an error; the last message tells."""
    interrupted = ended(status="error", messages=[["execution_start", {}], ["execution_interrupted", {}]])

    assert outcome.was_interrupted(interrupted)
    assert not outcome.succeeded(interrupted)
    assert not outcome.was_interrupted(errored())


def test_a_success_that_is_none() -> None:
    """A graph that turns out to be a circle gets the status of the prompt before it."""
    circle = ended(messages=[["execution_start", {}], ["execution_error", {"node_id": "a"}]])

    assert not outcome.succeeded(circle)


def test_the_backends_own_clock() -> None:
    """From the first message to the last, in seconds; nothing where there are no times."""
    messages = [["execution_start", {"timestamp": 1000}], ["execution_success", {"timestamp": 3500}]]

    assert 2.5 == outcome.render_s(ended(messages=messages))
    assert outcome.render_s(ended(messages=[["execution_start", {}]])) is None


@pytest.mark.parametrize("messages", [[[]], [["x"]], [[1, 2]], [["execution_error", None]], [["a", {}, {}]]])
def test_messages_of_another_shape(messages: Any) -> None:
    """They are passed over."""
    entry = ended(status="error", messages=messages)

    assert not outcome.was_interrupted(entry)
    assert "node-failed" == failure(entry, FLUX).code

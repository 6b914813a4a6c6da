"""What a history entry says."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.renderer.catalogue import OWN, read_workflow
from services.renderer.comfyui import outcome
from services.renderer.comfyui.answers import Ended, read
from services.renderer.comfyui.outcome import OutputFile
from services.renderer.errors import AttemptFailedError

FLUX = read_workflow(OWN / "flux-schnell")
QWEN = read_workflow(OWN / "qwen-edit-2509")


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


def test_files_in_the_order_of_the_batch() -> None:
    """Whatever a list of files is called, its own folder and type are kept."""
    first, second = {"filename": "a.png"}, {"filename": "b.png", "subfolder": "x", "type": "temp"}
    entry = ended({"save": {"images": [first], "gifs": [second], "animated": [True], "text": ["hi"]}})

    assert [
        OutputFile(filename="a.png"),
        OutputFile(filename="b.png", subfolder="x", type="temp"),
    ] == outcome.files(entry, FLUX)


@pytest.mark.parametrize(
    "outputs", [{}, {"other": {"images": [{"filename": "a.png"}]}}, {"save": {"images": []}}]
)
def test_no_file_of_ours(outputs: Any) -> None:
    """Only the workflow's own outputs count."""
    with pytest.raises(AttemptFailedError, match="no-output"):
        outcome.files(ended(outputs), FLUX)


def test_interrupted_is_not_failed() -> None:
    """ComfyUI calls both an error; the last message tells."""
    interrupted = ended(status="error", messages=[["execution_start", {}], ["execution_interrupted", {}]])

    assert outcome.was_interrupted(interrupted)
    assert not outcome.succeeded(interrupted)
    assert not outcome.was_interrupted(errored())


@pytest.mark.parametrize(
    "data",
    [
        {"exception_type": "torch.OutOfMemoryError", "exception_message": "Allocation on device"},
        {"exception_type": "torch.cuda.OutOfMemoryError", "exception_message": ""},
        {"exception_type": "RuntimeError", "exception_message": "CUDA out of memory. Tried to"},
    ],
)
def test_out_of_memory(data: dict[str, str]) -> None:
    """By its type, or by CUDA's words."""
    failure = outcome.failure(errored(node_id="sampler", **data), FLUX)

    assert ("out-of-memory", True) == (failure.code, failure.retryable)


def test_a_node_that_fails_is_called_by_our_title() -> None:
    """Nothing of the message, which has paths in it, is passed on."""
    failure = outcome.failure(
        errored(node_id="decode", node_type="Evil", exception_message="/root/x", traceback=["/root/y"]), FLUX
    )

    assert "node-failed" == failure.code
    assert {"node": "Decode", "class": "VAEDecode"} == failure.details


def test_a_picture_that_can_not_be_read() -> None:
    """When the loader of a picture fails, the picture is to blame."""
    failure = outcome.failure(errored(node_id="picture-2", exception_type="PIL.UnidentifiedImageError"), QWEN)

    assert ("bad-input-image", False) == (failure.code, failure.retryable)


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
    assert "node-failed" == outcome.failure(entry, FLUX).code

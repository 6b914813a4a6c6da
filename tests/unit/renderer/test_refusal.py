"""What a 400 of POST /prompt means."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.renderer.catalogue import OWN, read_workflow
from services.renderer.comfyui.answers import Refusal, read
from services.renderer.comfyui.refusal import refused
from services.renderer.errors import UnexpectedAnswerError

QWEN = read_workflow(OWN / "qwen-edit-2509")
FAILED = {
    "type": "prompt_outputs_failed_validation",
    "message": "Prompt outputs failed validation",
    "details": "",
    "extra_info": {},
}


def refusal(error: Any, node_errors: Any) -> Refusal:
    """As it comes over the wire."""
    return read(msgspec.json.encode({"error": error, "node_errors": node_errors}), Refusal)


def complaint(node_id: str, kind: str, **extra_info: Any) -> dict[str, Any]:
    """Node errors with one complaint."""
    one = {"type": kind, "message": "/home/someone/secret", "details": "", "extra_info": extra_info}
    return {node_id: {"class_type": "X", "dependent_outputs": ["save"], "errors": [one]}}


def test_a_missing_model() -> None:
    """It is told from a value that no list offers, if that is one of the workflow's files."""
    errors = complaint(
        "vae", "value_not_in_list", input_name="vae_name", received_value="qwen_image_vae.safetensors"
    )
    failure = refused(refusal(FAILED, errors), QWEN)

    assert ("missing-model", True) == (failure.code, failure.retryable)
    assert {"model": "qwen_image_vae.safetensors", "folder": "vae"} == failure.details


@pytest.mark.parametrize(
    "error",
    [
        {
            "type": "invalid_prompt",
            "message": "Cannot execute because node CFGNorm does not exist.",
            "details": "Node ID '#norm'",
            "extra_info": {},
        },
        {
            "type": "missing_node_type",
            "message": "Node 'Normalise guidance' not found. The custom node may not be installed.",
            "details": "Node ID '#norm'",
            "extra_info": {"node_id": "norm", "class_type": "CFGNorm", "node_title": "Normalise guidance"},
        },
    ],
    ids=["0.8.0", "newer"],
)
def test_a_missing_node(error: dict[str, Any]) -> None:
    """Servers say it in different places."""
    failure = refused(refusal(error, {}), QWEN)

    assert ("missing-node", True, {"node": "CFGNorm"}) == (failure.code, failure.retryable, failure.details)


def test_a_picture_that_is_not_accepted() -> None:
    """A complaint about a picture's input is about the picture."""
    errors = complaint("picture-1", "custom_validation_failed", input_name="image")
    failure = refused(refusal(FAILED, errors), QWEN)

    assert ("bad-input-image", False) == (failure.code, failure.retryable)


@pytest.mark.parametrize("node_errors", [{}, [], complaint("sampler", "value_bigger_than_max")])
def test_anything_else(node_errors: Any) -> None:
    """It is refused everywhere, and nothing of the server's own words is passed on."""
    failure = refused(refusal(FAILED, node_errors), QWEN)

    assert ("bad-input", False, {}) == (failure.code, failure.retryable, failure.details)


def test_an_error_that_is_only_text() -> None:
    """Some proxies and extensions answer with a sentence."""
    assert "bad-input" == refused(refusal("no", []), QWEN).code


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": 7}', b"\xff"])
def test_what_is_no_refusal(body: bytes) -> None:
    """An answer that is not ComfyUI's is trouble, not a refusal."""
    with pytest.raises(UnexpectedAnswerError):
        read(body, Refusal)

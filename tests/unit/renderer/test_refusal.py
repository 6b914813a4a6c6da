"""What a 400 of POST /prompt means."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from services.renderer.catalogue import OWN, read_workflow
from services.renderer.comfyui.answers import Refusal, read
from services.renderer.comfyui.refusal import refused, spoilt
from services.renderer.definition import Definition
from services.renderer.errors import UnexpectedAnswerError
from services.renderer.graph import GraphNode

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
    failure = refused(refusal(FAILED, errors), QWEN, QWEN.prompt)

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
    failure = refused(refusal(error, {}), QWEN, QWEN.prompt)

    assert ("missing-node", True, {"node": "CFGNorm"}) == (failure.code, failure.retryable, failure.details)


def test_a_picture_that_is_not_accepted() -> None:
    """A complaint about a picture's input is about the picture."""
    errors = complaint("picture-1", "custom_validation_failed", input_name="image")
    failure = refused(refusal(FAILED, errors), QWEN, QWEN.prompt)

    assert ("bad-input-image", False) == (failure.code, failure.retryable)


def loading(file: str) -> Definition:
    """A workflow that names a file of the backend."""
    return replace(
        QWEN, prompt=QWEN.prompt | {"clip": GraphNode(class_type="LoadVideo", inputs={"file": file})}
    )


@pytest.mark.parametrize(
    ("value", "file"),
    [("intro.mp4", "intro.mp4"), ("clips/b 2.mp4", "clips/b 2.mp4"), ("a.png [output]", "a.png")],
)
def test_a_file_that_the_workflow_names(value: str, file: str) -> None:
    """It may lie on another backend; what it is called is told, for the operator has to put it there."""
    errors = complaint("clip", "custom_validation_failed", input_name="file")
    mine = loading(value)
    failure = refused(refusal(FAILED, errors), mine, mine.prompt)

    assert ("missing-file", True, {"file": file}) == (failure.code, failure.retryable, failure.details)


@pytest.mark.parametrize("said", ["a cat.jpg", "/etc/passwd.txt", "no file"])
def test_words_are_not_a_file(said: str) -> None:
    """Neither a person's words nor a path of the host's is told, whatever they look like."""
    errors = complaint("clip", "custom_validation_failed", input_name="file")
    workflow = loading("intro.mp4" if said == "a cat.jpg" else said)
    failure = refused(refusal(FAILED, errors), workflow, loading(said).prompt)

    assert ("bad-input", False, {}) == (failure.code, failure.retryable, failure.details)


@pytest.mark.parametrize("node_errors", [{}, [], complaint("sampler", "value_bigger_than_max")])
def test_anything_else(node_errors: Any) -> None:
    """It is refused everywhere, and nothing of the server's own words is passed on."""
    failure = refused(refusal(FAILED, node_errors), QWEN, QWEN.prompt)

    assert ("bad-input", False, {}) == (failure.code, failure.retryable, failure.details)


def test_an_error_that_is_only_text() -> None:
    """Some proxies and extensions answer with a sentence."""
    assert "bad-input" == refused(refusal("no", []), QWEN, QWEN.prompt).code


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": 7}', b"\xff"])
def test_what_is_no_refusal(body: bytes) -> None:
    """An answer that is not ComfyUI's is trouble, not a refusal."""
    with pytest.raises(UnexpectedAnswerError):
        read(body, Refusal)


def test_a_missing_model_that_nobody_declared() -> None:
    """An imported workflow may not list its models: the graph's own value is told, never the server's."""
    errors = complaint("vae", "value_not_in_list", input_name="vae_name", received_value="/srv/evil.pt")
    failure = refused(refusal(FAILED, errors), undeclared(), QWEN.prompt)

    assert "missing-model" == failure.code
    assert {"model": "qwen_image_vae.safetensors", "folder": ""} == failure.details


def test_a_choice_that_only_newer_servers_know() -> None:
    """Another backend may know the sampler."""
    errors = complaint("sampler", "value_not_in_list", input_name="sampler_name", received_value="euler")
    failure = refused(refusal(FAILED, errors), QWEN, QWEN.prompt)

    assert ("bad-input", True) == (failure.code, failure.retryable)


def test_a_missing_node_with_spaces_in_its_name() -> None:
    """Custom nodes are called as their authors please."""
    graph = {**QWEN.prompt, "x": GraphNode(class_type="KSampler (Efficient)", inputs={})}
    error = FAILED | {
        "type": "invalid_prompt",
        "message": "Cannot execute because node KSampler (Efficient) does not exist.",
    }

    assert {"node": "KSampler (Efficient)"} == refused(refusal(error, {}), QWEN, graph).details


def test_a_200_that_leaves_one_of_our_outputs_out() -> None:
    """It is told by what depends on the node complained about."""
    errors = complaint("vae", "value_not_in_list", input_name="vae_name")

    assert spoilt(refusal("", errors), QWEN.recipe.outputs)


def test_a_200_that_leaves_somebody_elses_output_out() -> None:
    """A preview that the workflow's author left in is not missed."""
    errors = complaint("peek", "required_input_missing", input_name="images")
    errors["peek"]["dependent_outputs"] = ["peek"]

    assert not spoilt(refusal("", errors), QWEN.recipe.outputs)
    assert not spoilt(refusal("", {}), QWEN.recipe.outputs)


def test_the_operator_is_told_what_was_complained_about() -> None:
    """Node, class and kind of complaint; never its words."""
    errors = complaint("vae", "value_not_in_list", input_name="vae_name")
    failure = refused(refusal(FAILED, errors), QWEN, QWEN.prompt)

    assert {"node_id": "vae", "node_type": "X", "complaint": "value_not_in_list"} == failure.trace


def undeclared() -> Definition:
    """The workflow without its list of models."""
    return replace(QWEN, recipe=replace(QWEN.recipe, models=()))

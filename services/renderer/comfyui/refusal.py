"""Why ComfyUI refused a prompt, as a failure that says it to a person. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from services.renderer.comfyui.answers import NodeComplaint, Refusal
from services.renderer.definition import Definition
from services.renderer.errors import AttemptFailedError
from services.renderer.graph import Graph

_MODEL_FILE = re.compile(r".+\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)", re.IGNORECASE)
_FILE = re.compile(r"(?P<file>[^\s/\\].*\.\w{2,5})( \[\w+\])?")
"""A file below one of ComfyUI's own folders, and which of them if that is not the usual one."""

_NODES_EXCUSED = frozenset(
    {"required_input_missing", "prompt_outputs_failed_validation", "prompt_no_outputs"}
)
_SLUG = re.compile(r"[a-z_]{1,60}")


def refused(refusal: Refusal, definition: Definition, graph: Graph) -> AttemptFailedError:
    """
    The failure that a 400 of POST /prompt means, or the ``node_errors`` of a 200.

    What is missing here may be there on another backend; anything else is wrong everywhere.

    Args:
        refusal: The answer.
        definition: The workflow.
        graph: What was submitted. All that is told of is taken from it, so that it is our own.
    """
    found = _about_a_node(refusal, definition, graph) or _about_the_prompt(refusal, graph)
    found.trace.update(_trace(refusal))
    return found


def spoilt(refusal: Refusal, outputs: Iterable[str]) -> bool:
    """Whether one of *outputs* will not be made, though the prompt was taken for the others' sake."""
    hit = {output for node in refusal.errors().values() for output in node.dependent_outputs}
    return not hit.isdisjoint(outputs) or not refusal.errors().keys().isdisjoint(outputs)


def _about_a_node(refusal: Refusal, definition: Definition, graph: Graph) -> AttemptFailedError | None:
    pictures = {(picture.node, picture.input) for picture in definition.recipe.pictures}
    folders = {model.name: model.folder for model in definition.recipe.models}
    found: AttemptFailedError | None = None
    for node_id, _, one in refusal.complaints():
        name = str(one.extra_info.get("input_name", ""))
        if (node_id, name) in pictures:
            found = found or AttemptFailedError("bad-input-image", retryable=False)
        elif one.type == "value_not_in_list":
            model = _model(one, graph, node_id, name)
            if model in folders or _MODEL_FILE.fullmatch(model):
                about = {"model": model, "folder": folders.get(model, "")}
                return AttemptFailedError("missing-model", retryable=True, details=about)
            # A sampler or another choice that only newer servers know.
            found = found or AttemptFailedError("bad-input", retryable=True)
        elif one.type == "custom_validation_failed" and (file := _file(definition, graph, node_id, name)):
            found = found or AttemptFailedError("missing-file", retryable=True, details={"file": file})
    return found


def _file(definition: Definition, graph: Graph, node_id: str, name: str) -> str:
    """The file that the workflow itself names there, not a person's words; it has to lie on the backend."""
    own, sent = definition.prompt.get(node_id), graph.get(node_id)
    value = own.inputs.get(name) if own else None
    is_own = sent is not None and sent.inputs.get(name) == value
    found = _FILE.fullmatch(value) if is_own and isinstance(value, str) else None
    return found["file"] if found else ""


def _model(one: NodeComplaint, graph: Graph, node_id: str, name: str) -> str:
    """The value that no list offers, if it is the graph's own."""
    node = graph.get(node_id)
    values = [str(value) for value in node.inputs.values()] if node else []
    said = str(one.extra_info.get("received_value", ""))
    if said in values:
        return said
    return str(node.inputs.get(name, "")) if node else ""


def _about_the_prompt(refusal: Refusal, graph: Graph) -> AttemptFailedError:
    missing = _missing_class(refusal, graph)
    if missing:
        return AttemptFailedError("missing-node", retryable=True, details={"node": missing})
    return AttemptFailedError("bad-input", retryable=False)


def _missing_class(refusal: Refusal, graph: Graph) -> str:
    """Class that the backend has not. Servers differ in where they say it, so it must be one of ours."""
    error = refusal.error
    if isinstance(error, str):
        return ""
    words = {word.strip("'\".,") for word in error.message.split()} | {error.extra_info.get("class_type")}
    ours = sorted({node.class_type for node in graph.values()}, key=len, reverse=True)
    if error.type in _NODES_EXCUSED:
        return ""
    # Some classes have spaces in their names.
    return next((name for name in ours if name in words or (" " in name and name in error.message)), "")


def _trace(refusal: Refusal) -> dict[str, str]:
    kind = "" if isinstance(refusal.error, str) else refusal.error.type
    trace = {"complaint": kind} if _SLUG.fullmatch(kind) else {}
    for node_id, class_type, one in refusal.complaints():
        if _SLUG.fullmatch(one.type):
            return trace | {"node_id": node_id, "node_type": class_type, "complaint": one.type}
    return trace

"""Why ComfyUI refused a prompt, as a failure that says it to a person."""

from __future__ import annotations

from services.renderer.comfyui.answers import Refusal
from services.renderer.definition import Definition
from services.renderer.errors import AttemptFailedError


def refused(refusal: Refusal, definition: Definition) -> AttemptFailedError:
    """
    The failure that a 400 of POST /prompt means.

    A missing model or node may be there on another backend; anything else is wrong everywhere.
    """
    models = {model.name: model for model in definition.recipe.models}
    pictures = {(picture.node, picture.input) for picture in definition.recipe.pictures}
    for node_id, _, one in refusal.complaints():
        model = models.get(str(one.extra_info.get("received_value")))
        if one.type == "value_not_in_list" and model is not None:
            return AttemptFailedError(
                "missing-model", retryable=True, details={"model": model.name, "folder": model.folder}
            )
        if (node_id, one.extra_info.get("input_name")) in pictures:
            return AttemptFailedError("bad-input-image", retryable=False)
    missing = _missing_class(refusal, definition)
    if missing:
        return AttemptFailedError("missing-node", retryable=True, details={"node": missing})
    return AttemptFailedError("bad-input", retryable=False)


def _missing_class(refusal: Refusal, definition: Definition) -> str:
    """Class that the backend has not. Servers differ in where they say it, so it must be one of ours."""
    error = refusal.error
    if isinstance(error, str):
        return ""
    words = {word.strip("'\".,") for word in error.message.split()} | {error.extra_info.get("class_type")}
    known = "required_input_missing", "prompt_outputs_failed_validation", "prompt_no_outputs"
    ours = sorted({node.class_type for node in definition.prompt.values()})
    return "" if error.type in known else next((name for name in ours if name in words), "")

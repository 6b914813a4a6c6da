"""Why a prompt failed on the backend, out of ComfyUI's ``execution_error``. Pure."""

from __future__ import annotations

import re
from typing import Any

from services.renderer.comfyui.answers import Ended
from services.renderer.definition import Definition
from services.renderer.errors import AttemptFailedError
from services.renderer.graph import title

_TIPS = "This error means you ran out of memory"
"""ComfyUI adds its tips to every failure where torch can't tell one that is about memory."""

_MEMORY_TYPES = ("OutOfMemoryError", "MemoryError")
_MEMORY_WORDS = (
    "out of memory",  # CUDA, HIP, MPS and XPU alike
    "out_of_memory",
    "outofmemory",
    "cudaerrormemoryallocation",
    "alloc_failed",  # cuBLAS and cuDNN
    "allocation on device",
    "not enough memory",
    "not enough gpu video memory",
    "can't allocate memory",
    "unable to allocate",
    "failed to allocate",
)
_DEVICE_TYPES = ("AcceleratorError",)
_DEVICE_WORDS = (
    "cuda error",
    "cuda driver error",
    "hip error",
    "cudnn_status",
    "cublas_status",
    "no cuda gpus are available",
    "device-side assert",
    "illegal memory access",
    "unspecified launch failure",
    "gpu is lost",
)

_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,120}")
_CLASS = re.compile(r"[\w][\w .:()+/-]{0,120}")


def failure(ended: Ended, definition: Definition) -> AttemptFailedError:
    """
    Why an unsuccessful prompt failed, without the paths and tensors of ComfyUI's own words.

    Returns:
        ``out-of-memory``, ``gpu-failed``, ``missing-model`` (the file went after the prompt was taken),
        ``input-gone`` (likewise an uploaded picture), ``bad-input-image``, ``interrupted-elsewhere``, or
        ``node-failed``. Its trace is for the operator: which node, of which class, by which exception.
    """
    data = ended.last("execution_error")
    found = _failure(data, definition)
    found.trace.update(_trace(data))
    return found


def _failure(data: dict[str, Any], definition: Definition) -> AttemptFailedError:
    kind = str(data.get("exception_type", ""))
    name = kind.rpartition(".")[2]
    words = str(data.get("exception_message", "")).partition(_TIPS)[0].lower()
    node_id = str(data.get("node_id", ""))
    if name.endswith(_MEMORY_TYPES) or any(one in words for one in _MEMORY_WORDS):
        return AttemptFailedError("out-of-memory", retryable=True)
    if name.endswith(_DEVICE_TYPES) or any(one in words for one in _DEVICE_WORDS):
        return AttemptFailedError("gpu-failed", retryable=True)
    if name == "InterruptProcessingException":
        return AttemptFailedError("interrupted-elsewhere", retryable=True)
    is_file_gone = name.endswith("FileNotFoundError")
    if node_id in {picture.node for picture in definition.recipe.pictures}:
        return AttemptFailedError("input-gone" if is_file_gone else "bad-input-image", retryable=is_file_gone)
    # Both are ours: the title from the workflow's file, the class from its graph.
    node = definition.prompt.get(node_id)
    if node is None:
        return AttemptFailedError("node-failed", retryable=True)
    if is_file_gone:
        for model in definition.recipe.models:
            if model.name in node.inputs.values():
                about = {"model": model.name, "folder": model.folder}
                return AttemptFailedError("missing-model", retryable=True, details=about)
    about = {"node": title(definition.prompt, node_id), "class": node.class_type}
    return AttemptFailedError("node-failed", retryable=True, details=about)


def _trace(data: dict[str, Any]) -> dict[str, str]:
    """Names only: the exception's message may hold the person's words, and paths of the host."""
    shapes = {"node_id": _CLASS, "node_type": _CLASS, "exception_type": _TYPE}
    said = {field: str(data[field]) for field in shapes if field in data}
    return {field: text for field, text in said.items() if shapes[field].fullmatch(text)}

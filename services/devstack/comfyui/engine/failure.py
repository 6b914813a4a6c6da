"""`execution_error` as ComfyUI reports it, with all that it gives away of its host."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from typing import Any, cast

from PIL.Image import Image

from services.devstack.comfyui.values import Clip, Conditioning, Latent, Model, Vae, Video

_OUT_OF_MEMORY = "torch.OutOfMemoryError"
_MEMORY_TIPS = (
    "This error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before "
    "you might have accidentally set the batch_size to a large number."
)
_DUMPED_ROWS = 24


def failure(error: BaseException, node_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the error said, where, and every input of the node: paths, traceback and tensor dumps included."""
    kind = type_name(error)
    tips = _MEMORY_TIPS if kind == _OUT_OF_MEMORY else ""
    return {
        "node_id": node_id,
        "exception_message": f"{error}\n{tips}",
        "exception_type": kind,
        "traceback": traceback.format_tb(error.__traceback__),
        "current_inputs": {name: [_shown(value)] for name, value in given.items()},
    }


def circle(node_id: str) -> dict[str, Any]:
    """Nodes that wait for each other."""
    return {
        "node_id": node_id,
        "exception_message": "Dependency cycle detected",
        "exception_type": "graph.DependencyCycleError",
        "traceback": [],
        "current_inputs": [],
    }


def type_name(error: BaseException) -> str:
    """Name of an exception's type, with its module unless it is Python's own."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _shown(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Model():
            return f"<comfy.model_patcher.ModelPatcher object at {id(value):#x}>"
        case Clip():
            return f"<comfy.sd.CLIP object at {id(value):#x}>"
        case Vae():
            return f"<comfy.sd.VAE object at {id(value):#x}>"
        case Conditioning():
            return f"[[{_tensor(value)}, {{'pooled_output': {_tensor(value)}}}]]"
        case Latent():
            return f"{{'samples': {_tensor(value)}}}"
        case Video():
            return f"<comfy_api.latest._input_impl.video_types.VideoFromComponents object at {id(value):#x}>"
        case Sequence() if value and all(isinstance(one, Image) for one in cast("Sequence[object]", value)):
            return _tensor(cast("object", value))
        case _:
            return str(value)


def _tensor(value: object) -> str:
    row = f"[{id(value) % 997 / 997: .4f}, -0.0213,  0.1402,  ...,  0.0874, -0.3310,  0.0051]"
    rows = ",\n         ".join([row] * _DUMPED_ROWS)
    return f"tensor([[{rows}]], device='cuda:0')"

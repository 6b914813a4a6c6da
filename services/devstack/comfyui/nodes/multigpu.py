"""ComfyUI-MultiGPU: twins of the loaders that say which GPU the model goes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from services.devstack.comfyui.installation import Installation
from services.devstack.comfyui.values import Model

from .inputs import listed, number, text
from .job import NodeJob
from .spec import Input, Node, NodeResult

_CATEGORY = "multigpu"
_MODULE = "custom_nodes.ComfyUI-MultiGPU"


def twins(loaders: Iterable[Node], here: Installation) -> list[Node]:
    """`<Loader>MultiGPU` and `<Loader>DisTorch2MultiGPU` of each loader; none without GPUs to choose from."""
    if not here.gpus:
        return []
    return [twin for loader in loaders for twin in (_placed(loader), _spread(loader))]


def _placed(loader: Node) -> Node:
    device = listed("device", Installation.devices, required=False, default="cuda:0")
    return _twin(loader, f"{loader.name}MultiGPU", (device,))


def _spread(loader: Node) -> Node:
    return _twin(
        loader,
        f"{loader.name}DisTorch2MultiGPU",
        (
            listed("compute_device", Installation.devices, required=False, default="cuda:0"),
            _optional(number("virtual_vram_gb", 4.0, 0.0, 128.0, step=0.1)),
            listed("donor_device", Installation.devices, required=False, default="cpu"),
            _optional(text("expert_mode_allocations", multiline=False, default="")),
        ),
    )


def _optional(one: Input) -> Input:
    return msgspec.structs.replace(one, required=False)


def _twin(loader: Node, name: str, more: tuple[Input, ...]) -> Node:
    replaced = {one.name for one in more}  # CLIPLoader has a `device` of its own
    kept = tuple(one for one in loader.inputs if one.name not in replaced)
    return msgspec.structs.replace(
        loader,
        name=name,
        display_name=name,
        category=_CATEGORY,
        module=_MODULE,
        inputs=(*kept, *more),
        run=_run_on_device(loader),
    )


def _run_on_device(loader: Node) -> Any:
    async def run(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
        device = given.get("device") or given.get("compute_device") or "cuda:0"
        loaded = await loader.run(job, given)
        placed = tuple(
            msgspec.structs.replace(one, device=device) if isinstance(one, Model) else one
            for one in loaded.outputs
        )
        return NodeResult(outputs=placed)

    return run

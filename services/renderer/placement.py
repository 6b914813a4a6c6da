"""
Which GPU the models of a graph go to, where one ComfyUI has several. Pure.

With ComfyUI-MultiGPU a loader has a twin, ``<Loader>MultiGPU``, with one more input, ``device``. So a
graph is placed by exchanging its loaders. Nodes still run one after the other: what is gained is that
models stay in memory which would otherwise make room for each other at every picture. FLUX dev and its
text encoders are 32 GB, Wan's two models and theirs are 34 GB; neither fits a card of 24 GB at once.

``auto`` therefore takes apart what is large:

- One diffusion model stays on ComfyUI's own GPU, the first: it is what computes, and what a LoRA, a
  ControlNet or a sampler of a custom node expects there. Text encoders and VAEs go to the next GPU: they
  hand over their results through main memory wherever they are, so nothing has to meet them.
- Several diffusion models, as Wan's two, get a GPU each, in the graph's order; text encoders and VAEs
  a GPU of their own if there is one, or else the last. Only where it is safe: models that one node takes
  together, or that go with a ControlNet or anything else that has to be on the sampler's GPU, stay
  together on the first.
- A checkpoint holds all three and can't be taken apart; alone, it is left as it is. So is a loader that
  is told its ``device`` already.

A table in ``workflow.toml`` says it outright, and then nothing else is moved.

Where a model lies changes how fast a picture comes and never which one. So what a backend can't do (a
loader without a twin, a device that it does not list, a single GPU) is left out, never a reason to fail.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from services.renderer.definition import Placement
from services.renderer.graph import Graph, GraphNode
from services.renderer.object_info import ObjectInfo, choices, outputs

_DEVICE = "device"
_ANYWHERE = frozenset({"CLIP", "CLIP_VISION", "VAE"})
_SPREADABLE = _ANYWHERE | {
    *("AUDIO", "BOOLEAN", "CLIP_VISION_OUTPUT", "COMBO", "CONDITIONING", "FLOAT", "GUIDER", "IMAGE", "INT"),
    *("LATENT", "MASK", "MODEL", "NOISE", "SAMPLER", "SIGMAS", "STRING", "VIDEO"),
}
"""What nodes may hand on where diffusion models are on several GPUs: none of the rest has to meet two."""


def placed(graph: Graph, placement: Placement, info: ObjectInfo) -> Graph:
    """*graph* with its loaders on the devices that *placement* says, as far as *info*'s backend can."""
    if placement == "off":
        return graph
    devices = _auto(graph, info) if placement == "auto" else _named(graph, placement)
    return {
        node_id: _moved(node, devices[node_id])
        if node_id in devices and _can(info, node, devices[node_id])
        else node
        for node_id, node in graph.items()
    }


def unplaced(graph: Graph, placement: Placement, info: ObjectInfo) -> dict[str, str]:
    """Devices by node that *placement* names and a backend with several GPUs can't give them."""
    if isinstance(placement, str) or not any(_gpus(info, node) for node in graph.values()):
        return {}
    named = _named(graph, placement)
    return {node_id: device for node_id, device in named.items() if not _can(info, graph[node_id], device)}


def _auto(graph: Graph, info: ObjectInfo) -> dict[str, str]:
    gpus = {node_id: _gpus(info, node) for node_id, node in graph.items() if not _is_told(node)}
    gives = {node_id: set(outputs(info, graph[node_id].class_type)) for node_id in gpus if gpus[node_id]}
    models = [node_id for node_id, types in gives.items() if "MODEL" in types]
    others = [node_id for node_id, types in gives.items() if types and types <= _ANYWHERE]
    if not others and len(models) < 2:
        return {}
    spread = len(models) if models and _are_apart(graph, info) else 1
    wanted = {node_id: number % spread for number, node_id in enumerate(models)}
    wanted |= {node_id: min(spread, len(gpus[node_id]) - 1) for node_id in others}
    return {node_id: gpus[node_id][number % len(gpus[node_id])] for node_id, number in wanted.items()}


def _are_apart(graph: Graph, info: ObjectInfo) -> bool:
    """No node takes two diffusion models, and nothing is there that has to be where one of them is."""
    types = {node_id: outputs(info, node.class_type) for node_id, node in graph.items()}
    if not all(_SPREADABLE.issuperset(given) for given in types.values()):
        return False
    taken = (
        [types[source][node.inputs[name][1] :][:1] for name, source in node.links()]
        for node in graph.values()
    )
    return all(given.count(("MODEL",)) < 2 for given in taken)


def _named(graph: Graph, placement: Mapping[str, str]) -> dict[str, str]:
    """The device of each node that is named, itself before its class."""
    return {
        node_id: placement[key]
        for node_id, node in graph.items()
        if (key := node_id if node_id in placement else node.class_type) in placement
    }


def _gpus(info: ObjectInfo, node: GraphNode) -> list[str]:
    """The GPUs among which a node's twin can choose; none when there is nothing to choose."""
    devices = [str(one) for one in choices(info, _twin(node), _DEVICE) or []]
    families = [device.partition(":")[0] for device in devices if ":" in device]
    # A processor's built-in GPU may be listed after the cards, as another kind of device.
    gpus = [device for device in devices if device.startswith(f"{families[0]}:")] if families else []
    return gpus if len(gpus) > 1 else []


def _can(info: ObjectInfo, node: GraphNode, device: str) -> bool:
    return bool(_gpus(info, node)) and device in (choices(info, _twin(node), _DEVICE) or [])


def _is_told(node: GraphNode) -> bool:
    """Whoever made the graph chose a device: ComfyUI's own text encoder loaders can be put on the CPU."""
    return node.inputs.get(_DEVICE, "default") != "default"


def _moved(node: GraphNode, device: str) -> GraphNode:
    return replace(node, class_type=_twin(node), inputs={**node.inputs, _DEVICE: device})


def _twin(node: GraphNode) -> str:
    return f"{node.class_type}MultiGPU"

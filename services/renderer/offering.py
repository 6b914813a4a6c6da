"""Offering a graph to a backend as that backend takes it, and as the workflow has it where it won't."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from services.renderer.definition import Placement
from services.renderer.errors import AttemptFailedError
from services.renderer.graph import Graph
from services.renderer.object_info import ObjectInfo
from services.renderer.placement import placed, unplaced
from services.renderer.spelling import spelled

_OUT_OF_DATE = frozenset({"missing-node", "missing-model", "bad-input"})

Submit = Callable[[Graph], Awaitable[None]]


async def offer(
    graph: Graph, placement: Placement, info: ObjectInfo, submit: Submit, doubt: Callable[[], None]
) -> None:
    """
    Submit *graph* with its models on the backend's GPUs and its files in the backend's spelling.

    Args:
        graph: With the parameters filled in.
        placement: The workflow's.
        info: What is known of the backend; of one that was not looked at yet, nothing is.
        submit: Raises as ``ComfyUI.submit`` does.
        doubt: Called when *info* proved wrong: it lost its twins, or a GPU.
    """
    plain = spelled(graph, info)
    ready = placed(plain, placement, info)
    for node_id, device in unplaced(plain, placement, info).items():
        structlog.get_logger().warning("placement left out", node=node_id, device=device)
    try:
        await submit(ready)
    except AttemptFailedError as exc:
        if ready == plain or exc.code not in _OUT_OF_DATE:
            raise
        doubt()
        await submit(plain)

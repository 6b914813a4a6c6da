"""
Keeping ComfyUI from answering with an old file.

An output whose inputs are those of an earlier prompt is not run again: the history names the file of then,
which may have been purged since. A prefix of its own forces ``SaveImage`` to save. Outputs without a prefix
(previews, and savers of other authors) get one more input here, which no node declares: ComfyUI hands it to
nobody, but its cache goes by it. What lies below, the sampling, is still served from the cache.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from msgspec.structs import replace

from services.renderer.graph import Graph

PREFIX = "filename_prefix"
MARK = "darkroom_attempt"


def fresh(graph: Graph, outputs: Iterable[str], prompt_id: UUID) -> Graph:
    """*graph*, whose *outputs* are made anew for *prompt_id* whatever was rendered before."""
    marked = {
        node_id: replace(node, inputs={**node.inputs, MARK: str(prompt_id)})
        for node_id in outputs
        if (node := graph.get(node_id)) is not None and PREFIX not in node.inputs
    }
    return {**graph, **marked}

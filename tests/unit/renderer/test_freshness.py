"""Outputs that ComfyUI must not take from its cache."""

from __future__ import annotations

from uuid import UUID

from services.renderer.freshness import MARK, fresh
from services.renderer.graph import Graph, GraphNode

ONE, OTHER = UUID(int=1), UUID(int=2)
GRAPH: Graph = {
    "make": GraphNode(class_type="EmptyImage", inputs={"width": 64}),
    "save": GraphNode(class_type="SaveImage", inputs={"images": ["make", 0], "filename_prefix": "x"}),
    "peek": GraphNode(class_type="PreviewImage", inputs={"images": ["make", 0]}),
}


def test_an_output_without_a_prefix_is_marked() -> None:
    """By the attempt, so that no two prompts have the same; its own inputs stay."""
    assert {"images": ["make", 0], MARK: str(ONE)} == fresh(GRAPH, ["peek", "save"], ONE)["peek"].inputs
    assert fresh(GRAPH, ["peek"], ONE) != fresh(GRAPH, ["peek"], OTHER)


def test_what_has_a_prefix_is_left_alone() -> None:
    """And so is everything below, which may well come from the cache."""
    marked = fresh(GRAPH, ["peek", "save"], ONE)

    assert (GRAPH["save"], GRAPH["make"]) == (marked["save"], marked["make"])


def test_the_graph_itself_is_not_changed() -> None:
    """It is the catalogue's."""
    fresh(GRAPH, ["peek"], ONE)

    assert MARK not in GRAPH["peek"].inputs


def test_an_output_that_was_dropped() -> None:
    """It is not missed."""
    assert GRAPH == fresh(GRAPH, ["gone"], ONE)

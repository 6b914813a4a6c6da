"""The order in which the simulator runs nodes."""

from __future__ import annotations

from services.devstack.comfyui.engine.plan import Plan
from services.devstack.comfyui.engine.types import Prompt


def graph(**needs: str) -> Prompt:
    """Graph from words: `a="bc"` is a node a that needs b and c."""
    return {
        name: {"class_type": "Any", "inputs": {f"in{index}": [one, 0] for index, one in enumerate(below)}}
        for name, below in needs.items()
    }


def order(prompt: Prompt, *outputs: str, cached: str = "") -> str:
    """Names of nodes in the order they run."""
    plan = Plan(prompt, is_cached=lambda one: one in cached, is_output=lambda one: one in outputs)
    for output in outputs:
        plan.add(output)
    ran = ""
    while plan:
        node = plan.next()
        if node is None:
            return f"{ran}!{plan.any_left()}"
        ran += node
        plan.done(node)
    return ran


def test_needs_come_first() -> None:
    """A node runs after all it needs."""
    assert "cbas" == order(graph(s="a", a="b", b="c", c=""), "s")


def test_shared_nodes_run_once() -> None:
    """What two nodes need runs once."""
    assert sorted("abcs") == sorted(order(graph(s="ab", a="c", b="c", c=""), "s"))


def test_unneeded_nodes_do_not_run() -> None:
    """What no output needs is left out."""
    assert "as" == order(graph(s="a", a="", x=""), "s")


def test_cached_nodes_end_the_search() -> None:
    """A cached node does not run, nor does what only it needs; a cached output is still visited."""
    assert "s" == order(graph(s="a", a="b", b=""), "s", cached="a")
    assert "s" == order(graph(s="a", a="b", b=""), "s", cached="as")


def test_outputs_come_as_soon_as_they_can() -> None:
    """Of two ready nodes the one that an output waits for runs first, and the output right after it."""
    assert "apbcs" == order(graph(s="c", c="b", b="", p="a", a=""), "s", "p")


def test_circle() -> None:
    """Nodes that wait for each other are found out."""
    assert order(graph(s="a", a="b", b="a"), "s").startswith("!")

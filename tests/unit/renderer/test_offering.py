"""Offering a graph to a backend, of which what is known may be out of date."""

from __future__ import annotations

import pytest

from services.renderer.catalogue import OWN, read_workflow
from services.renderer.errors import AttemptFailedError, BackendCutError
from services.renderer.graph import Graph
from services.renderer.offering import offer
from tests.unit.renderer.backends import backend

FLUX = read_workflow(OWN / "flux-dev").prompt


class Backend:
    """Refuses the first offers for the reasons it is given."""

    def __init__(self, *refusals: Exception) -> None:
        self.offers: list[Graph] = []
        self.doubts = 0
        self._refusals = list(refusals)

    async def take(self, graph: Graph) -> None:
        self.offers.append(graph)
        if self._refusals:
            raise self._refusals.pop(0)

    def doubt(self) -> None:
        self.doubts += 1


def classes(graph: Graph) -> set[str]:
    """Classes of its loaders."""
    return {node.class_type for node in graph.values() if "Loader" in node.class_type}


def refusal(code: str) -> AttemptFailedError:
    """What ``ComfyUI.submit`` raises."""
    return AttemptFailedError(code, retryable=True)


async def test_a_graph_is_offered_as_the_backend_takes_it() -> None:
    """Placed, and once."""
    asked = Backend()
    await offer(FLUX, "auto", backend(2), asked.take, asked.doubt)

    [graph] = asked.offers
    assert {"UNETLoaderMultiGPU", "DualCLIPLoaderMultiGPU", "VAELoaderMultiGPU"} == classes(graph)


async def test_before_the_first_look_it_is_offered_as_it_is() -> None:
    """A renderer that has just started knows nothing of its backends."""
    asked = Backend()
    await offer(FLUX, "auto", {}, asked.take, asked.doubt)

    assert [FLUX] == asked.offers


@pytest.mark.parametrize("code", ["missing-node", "bad-input"])
async def test_a_backend_that_lost_its_twins_renders_all_the_same(code: str) -> None:
    """ComfyUI-MultiGPU was removed, or a GPU was: without placement, and what is known is looked up again."""
    asked = Backend(refusal(code))
    await offer(FLUX, "auto", backend(2), asked.take, asked.doubt)

    assert [FLUX] == asked.offers[1:]
    assert 1 == asked.doubts


@pytest.mark.parametrize("gpus", [0, 2])
async def test_what_is_really_missing_is_told(gpus: int) -> None:
    """The refusal of what the workflow itself says counts."""
    last = refusal("missing-model")
    asked = Backend(*[refusal("missing-model")] * (gpus // 2), last)

    with pytest.raises(AttemptFailedError) as raised:
        await offer(FLUX, "auto", backend(gpus), asked.take, asked.doubt)

    assert last is raised.value
    assert FLUX == asked.offers[-1]


async def test_an_answer_that_got_lost_is_not_offered_again() -> None:
    """It may have been taken: whoever submits has to look first."""
    asked = Backend(BackendCutError())

    with pytest.raises(BackendCutError):
        await offer(FLUX, "auto", backend(2), asked.take, asked.doubt)

    assert 1 == len(asked.offers)

"""What is made, when ComfyUI would rather not make it, or forgets that it did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from schemas.facts import RenderFailed, RenderSucceeded
from services.renderer.definition import Definition, Model
from services.renderer.graph import GraphNode
from tests.integration.renderer.bench import CATALOGUE, Bench, bench, digest_of
from tests.servers import NatsServer

FLUX = CATALOGUE[digest_of("f")]


def imported(studio: Bench, definition: Definition) -> str:
    """Have the log know a workflow; its digest."""
    studio.definitions[definition.digest()] = definition.text()
    return definition.digest()


def previewing() -> Definition:
    """A workflow whose output has no prefix to tell its files apart by."""
    images = FLUX.prompt["save"].inputs["images"]
    return replace(
        FLUX,
        prompt=FLUX.prompt | {"save": GraphNode(class_type="PreviewImage", inputs={"images": images})},
    )


def twofold() -> Definition:
    """A workflow with two outputs, of which one needs a model that no simulator has."""
    other = "nowhere.safetensors"
    nodes = {
        "lost": GraphNode(class_type="VAELoader", inputs={"vae_name": other}),
        "again": GraphNode(
            class_type="VAEDecode", inputs={**FLUX.prompt["decode"].inputs, "vae": ["lost", 0]}
        ),
        "second": GraphNode(
            class_type="SaveImage", inputs={"images": ["again", 0], "filename_prefix": "second"}
        ),
    }
    recipe = replace(
        FLUX.recipe,
        outputs=(*FLUX.recipe.outputs, "second"),
        models=(*FLUX.recipe.models, Model(folder="vae", name=other)),
    )
    return replace(FLUX, prompt=FLUX.prompt | nodes, recipe=recipe)


async def cached(studio: Bench, prompt_id: object) -> list[str]:
    """Nodes that ComfyUI did not run again."""
    messages: list[Any] = (await studio.comfyui("/history"))[str(prompt_id)]["status"]["messages"]
    return dict(messages)["execution_cached"]["nodes"]


async def test_a_cached_result_whose_file_is_gone(nats: NatsServer, tmp_path: Path) -> None:
    """The same again: what ComfyUI remembers would point at a file that was purged, so it makes a new one."""
    async with bench(nats, tmp_path) as studio:
        digest = imported(studio, previewing())
        first = await studio.order(workflow=digest)
        assert isinstance(await studio.outcome(first), RenderSucceeded)
        for file in (tmp_path / "temp").rglob("*.png"):
            file.unlink()
        again = await studio.order(workflow=digest)

        assert isinstance(await studio.outcome(again), RenderSucceeded)
        assert 1 == studio.sim.runs.rendered[str(again.prompt_id)]


async def test_an_output_that_is_refused_though_the_prompt_is_taken(nats: NatsServer, tmp_path: Path) -> None:
    """Half of what was promised is no success: it is taken back, and the failure says what is missing."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        order = await studio.order(workflow=imported(studio, twofold()))
        fact = await studio.outcome(order)
        await studio.settled()

        assert isinstance(fact, RenderFailed)
        assert ("missing-model", "nowhere.safetensors") == (fact.code, fact.details["model"])
        assert {"queue_running": [], "queue_pending": []} == await studio.comfyui("/queue")
        assert {} == studio.sim.runs.rendered


async def test_a_history_that_is_lost_after_the_end(nats: NatsServer, tmp_path: Path) -> None:
    """The socket told the end and its files: nothing is rendered again for want of a history."""
    async with bench(nats, tmp_path) as studio:
        studio.sim.faults.history_lost = True
        order = await studio.order()

        assert isinstance(await studio.outcome(order), RenderSucceeded)
        assert 1 == studio.submissions


async def test_a_history_that_is_lost_and_nothing_was_heard(nats: NatsServer, tmp_path: Path) -> None:
    """Then nobody knows, and the attempt fails as what it is."""
    async with bench(nats, tmp_path) as studio:
        studio.sim.faults.history_lost = studio.sim.faults.silent = True
        fact = await studio.outcome(await studio.order())

        assert isinstance(fact, RenderFailed)
        assert ("backend-lost-job", True) == (fact.code, fact.retryable)


async def test_memory_is_freed_where_it_is_asked_for(nats: NatsServer, tmp_path: Path) -> None:
    """Models and cached results are dropped before the prompt runs."""
    async with bench(nats, tmp_path) as studio:
        studio.records = False  # or the history is purged before it was looked at
        await studio.outcome(await studio.order())
        warm = await studio.order()
        await studio.outcome(warm)
        cold = await studio.order(free_memory=True)
        await studio.outcome(cold)

        assert await cached(studio, warm.prompt_id)
        assert [] == await cached(studio, cold.prompt_id)

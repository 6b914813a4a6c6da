"""Cached execution: what is not run again, and what comes back instead."""

from __future__ import annotations

import uuid
from typing import Any

from tests.contract.comfyui.client import Comfy, eventually
from tests.contract.comfyui.graphs import Graph, fresh_prefix, inverted, node, plain
from tests.contract.comfyui.pictures import decoded, fresh_name, png


def cached(entry: dict[str, Any]) -> list[str]:
    """Nodes that the run found in the cache."""
    return sorted(dict(entry["status"]["messages"])["execution_cached"]["nodes"])


async def twice(
    comfy: Comfy, graph: Graph, again: Graph | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Entries of two runs with nobody's run between them."""
    first = await comfy.submit(graph)
    second = await comfy.submit(graph if again is None else again)
    return await comfy.entry(first), await comfy.entry(second)


async def test_same_prompt_runs_nothing(comfy: Comfy) -> None:
    """The same prompt again: all nodes are cached, and the outputs name the old file."""
    first, second = await twice(comfy, plain())
    assert ([], ["1", "2"]) == (cached(first), cached(second))
    assert first["outputs"] == second["outputs"]


async def test_ids_do_not_matter(comfy: Comfy) -> None:
    """A node is recognised by what it computes, whatever it is called."""
    graph = plain()
    renamed = {"7": graph["1"], "8": {**graph["2"], "inputs": {**graph["2"]["inputs"], "images": ["7", 0]}}}
    _, second = await twice(comfy, graph, renamed)
    assert ["7", "8"] == cached(second)


async def test_changed_input_runs_what_hangs_on_it(comfy: Comfy) -> None:
    """Another prefix saves again; the picture itself is cached."""
    graph = plain()
    other = graph | {
        "2": {**graph["2"], "inputs": {**graph["2"]["inputs"], "filename_prefix": fresh_prefix()}}
    }
    first, second = await twice(comfy, graph, other)
    assert ["1"] == cached(second)
    assert first["outputs"] != second["outputs"]


async def test_undeclared_input_runs_the_node_again(comfy: Comfy) -> None:
    """
    An input that no node declares is handed to nobody, yet the cache goes by it.

    So an output without a prefix is made to save again; what it shows still comes from the cache.
    """
    graph = {"1": plain()["1"], "2": node("PreviewImage", images=["1", 0])}
    marked = graph | {"2": node("PreviewImage", images=["1", 0], darkroom_attempt=uuid.uuid4().hex)}
    first, second = await twice(comfy, graph, marked)
    assert ["1"] == cached(second)
    assert first["outputs"] != second["outputs"]
    assert "success" == second["status"]["status_str"]


async def test_only_the_last_prompt_is_kept(comfy: Comfy) -> None:
    """Another prompt in between drops the cache."""
    graph = plain()
    ids = [await comfy.submit(one) for one in (graph, plain(), graph)]
    entries = [await comfy.entry(prompt_id) for prompt_id in ids]
    assert [] == cached(entries[2])


async def test_without_client_id_cached_outputs_are_lost(comfy: Comfy) -> None:
    """A fully cached prompt without client_id ends in success with no outputs at all."""
    graph = plain()
    await comfy.submit(graph)
    _, body = await comfy.post_prompt(graph)
    entry = await comfy.entry(body["prompt_id"])
    assert ("success", {}) == (entry["status"]["status_str"], entry["outputs"])


async def test_events_of_a_cached_run(comfy: Comfy) -> None:
    """A cached run has no `executing` of a node; `executed` names the old file."""
    mine, graph = uuid.uuid4().hex, plain()
    async with comfy.listening(mine) as ears:
        first = await comfy.submit(graph)
        prompt_id = await comfy.submit(graph, client_id=mine)
        await eventually(lambda: ears.has_ended(prompt_id))
    assert [
        "execution_start",
        "execution_cached",
        "executed",
        "progress_state",
        "execution_success",
        "executing",
    ] == ears.kinds(prompt_id)
    old = (await comfy.entry(first))["outputs"]["2"]
    assert [old] == [data["output"] for kind, data in ears.of(prompt_id) if kind == "executed"]


async def test_input_file_with_other_content(comfy: Comfy) -> None:
    """LoadImage runs again when its file has changed under the same name."""
    name = fresh_name()
    await comfy.upload(name, png("#000000"))
    graph = inverted(name)
    first = await comfy.submit(graph)
    await comfy.entry(first)
    await comfy.upload(name, png("#ffffff"), overwrite="true")
    entry = await comfy.run(graph)
    assert [] == cached(entry)
    picture = decoded(await comfy.view(entry["outputs"]["3"]["images"][0]))
    assert (0, 0, 0) == picture.convert("RGB").getpixel((0, 0))


async def test_unchanged_input_file_is_cached(comfy: Comfy) -> None:
    """LoadImage is cached while its file stays the same."""
    name = fresh_name()
    await comfy.upload(name, png())
    _, second = await twice(comfy, inverted(name))
    assert ["1", "2", "3"] == cached(second)

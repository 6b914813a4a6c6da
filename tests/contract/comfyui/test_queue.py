"""Queue, interruption and history. A slow graph of our own holds the worker; it is stopped by its id."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator

from tests.contract.comfyui.client import Comfy, eventually
from tests.contract.comfyui.graphs import node, plain, slow


@contextlib.asynccontextmanager
async def busy(comfy: Comfy) -> AsyncIterator[str]:
    """Keep the worker busy while the block runs."""
    prompt_id = await comfy.submit(slow())
    await comfy.until_running(prompt_id)
    try:
        yield prompt_id
    finally:
        await comfy.interrupt(prompt_id)


async def pending(comfy: Comfy) -> dict[str, float]:
    """Number of each pending prompt."""
    return {item[1]: item[0] for item in (await comfy.json("/queue"))["queue_pending"]}


async def delete(comfy: Comfy, *prompt_ids: str) -> None:
    """Delete pending prompts."""
    assert 200 == await comfy.status("POST", "/queue", json={"delete": list(prompt_ids)})


async def test_queue_shows_everything(comfy: Comfy) -> None:
    """/queue has number, id, prompt, extra_data with client_id, and outputs of everybody's prompts."""
    graph = plain()
    async with busy(comfy) as running:
        prompt_id = await comfy.submit(graph, client_id="me")
        queue = await comfy.json("/queue")
        remaining = await comfy.json("/prompt")
        await delete(comfy, prompt_id)
    assert running in [item[1] for item in queue["queue_running"]]
    [item] = [item for item in queue["queue_pending"] if item[1] == prompt_id]
    assert 5 == len(item)
    assert (graph, "me", ["2"]) == (item[2], item[3]["client_id"], item[4])
    assert 2 <= remaining["exec_info"]["queue_remaining"]


async def test_front(comfy: Comfy) -> None:
    """`front` gives a negative number, and the lowest number runs first."""
    async with busy(comfy):
        last = await comfy.submit(plain())
        first = await comfy.submit(plain(), front=True)
        numbers = await pending(comfy)
        await delete(comfy, last, first)
    assert numbers[first] < 0 <= numbers[last]


async def test_explicit_number(comfy: Comfy) -> None:
    """A given number is kept, as a float."""
    async with busy(comfy):
        prompt_id = await comfy.submit(plain(), number=77)
        numbers = await pending(comfy)
        await delete(comfy, prompt_id)
    assert "77.0" == repr(numbers[prompt_id])


async def test_refused_prompts_use_numbers(comfy: Comfy) -> None:
    """A refused prompt takes a number all the same."""
    _, first = await comfy.post_prompt(plain(), client_id="c")
    await comfy.post_prompt({})
    _, second = await comfy.post_prompt(plain(), client_id="c")
    assert second["number"] >= first["number"] + 2


async def test_order_of_running(comfy: Comfy) -> None:
    """Prompts run one at a time, in the order of their numbers."""
    ids = [await comfy.submit(plain()) for _ in range(5)]
    entries = [await comfy.entry(prompt_id) for prompt_id in ids]
    starts = [dict(entry["status"]["messages"])["execution_start"]["timestamp"] for entry in entries]
    assert sorted(starts) == starts


async def test_deleted_prompt_vanishes(comfy: Comfy) -> None:
    """A deleted pending prompt leaves no event but `status`, no history and no job."""
    mine = uuid.uuid4().hex
    async with busy(comfy), comfy.listening(mine) as ears:
        await eventually(lambda: ears.events)
        prompt_id = await comfy.submit(plain(), client_id=mine)
        await delete(comfy, prompt_id)
        assert prompt_id not in await pending(comfy)
        assert {} == await comfy.json(f"/history/{prompt_id}")
        assert 404 == await comfy.status("GET", f"/api/jobs/{prompt_id}")
    assert {"status"} == {kind for kind, _ in ears.events}


async def test_deleting_does_not_stop_the_running(comfy: Comfy) -> None:
    """/queue delete leaves a running prompt alone."""
    async with busy(comfy) as prompt_id:
        await delete(comfy, prompt_id)
        assert prompt_id in await comfy.running()


async def test_interrupted_is_an_error(comfy: Comfy) -> None:
    """An interrupted run has status "error"; only its last message tells it from a failure."""
    mine = uuid.uuid4().hex
    async with comfy.listening(mine) as ears:
        prompt_id = await comfy.submit(slow(), client_id=mine)
        await comfy.until_running(prompt_id)
        await comfy.interrupt(prompt_id)
        await eventually(lambda: ears.has_ended(prompt_id))
    status = (await comfy.entry(prompt_id))["status"]
    assert ("error", False) == (status["status_str"], status["completed"])
    kind, data = status["messages"][-1]
    assert ("execution_interrupted", prompt_id) == (kind, data["prompt_id"])
    assert {"node_id", "node_type", "executed", "prompt_id", "timestamp"} == set(data)
    assert ["execution_interrupted", "executing"] == ears.kinds(prompt_id)[-2:]
    assert "failed" == (await comfy.json(f"/api/jobs/{prompt_id}"))["status"]


async def test_interrupting_a_pending_prompt(comfy: Comfy) -> None:
    """/interrupt with a pending id does nothing: neither that nor the running prompt stops."""
    async with busy(comfy) as running:
        prompt_id = await comfy.submit(plain())
        assert 200 == await comfy.status("POST", "/interrupt", json={"prompt_id": prompt_id})
        assert running in await comfy.running()
        assert prompt_id in await pending(comfy)
    assert "success" == (await comfy.entry(prompt_id))["status"]["status_str"]


async def test_next_prompt_after_an_interruption(comfy: Comfy) -> None:
    """An interruption does not reach the prompt after it."""
    async with busy(comfy):
        prompt_id = await comfy.submit(plain())
    assert "success" == (await comfy.entry(prompt_id))["status"]["status_str"]


async def test_history_entry(comfy: Comfy) -> None:
    """An entry has the prompt as queued, what came out, how it went, and where the outputs came from."""
    graph = plain()
    prompt_id = await comfy.submit(graph, client_id="me", extra_data={"extra_pnginfo": {"note": 1}})
    entry = await comfy.entry(prompt_id)
    number, same_id, prompt, extra, outputs = entry["prompt"]
    assert (prompt_id, graph, ["2"]) == (same_id, prompt, outputs)
    assert isinstance(number, int)
    assert ("me", {"note": 1}) == (extra["client_id"], extra["extra_pnginfo"])
    assert isinstance(extra["create_time"], int)
    kinds = [kind for kind, _ in entry["status"]["messages"]]
    assert ["execution_start", "execution_cached", "execution_success"] == kinds
    assert "2" == entry["meta"]["2"]["node_id"]


async def test_credentials_are_not_shown(comfy: Comfy) -> None:
    """Comfy's own keys in extra_data are kept out of history and queue."""
    entry = await comfy.run(plain(), extra_data={"api_key_comfy_org": "k"})
    assert "api_key_comfy_org" not in entry["prompt"][3]


async def test_history_delete(comfy: Comfy) -> None:
    """A deleted entry is gone; others stay."""
    mine, other = await comfy.submit(plain()), await comfy.submit(plain())
    await comfy.entry(mine)
    await comfy.entry(other)
    assert 200 == await comfy.status("POST", "/history", json={"delete": [mine]})
    assert {} == await comfy.json(f"/history/{mine}")
    assert other in await comfy.json("/history")


async def test_history_window(comfy: Comfy) -> None:
    """max_items gives so many of the newest entries, oldest first; with an offset, from there on."""
    ids = [await comfy.submit(plain()) for _ in range(3)]
    for prompt_id in ids:
        await comfy.entry(prompt_id)
    everything = list(await comfy.json("/history"))
    assert everything[-2:] == list(await comfy.json("/history?max_items=2"))
    assert everything[1:3] == list(await comfy.json("/history?max_items=2&offset=1"))


async def test_job_shows_a_saved_file(comfy: Comfy) -> None:
    """A job counts all files, and shows one that was saved rather than a temporary one."""
    graph = plain()
    graph["0"] = node("PreviewImage", images=["1", 0])
    prompt_id = await comfy.submit(graph)
    saved = (await comfy.entry(prompt_id))["outputs"]["2"]["images"][0]
    job = await comfy.json(f"/api/jobs/{prompt_id}")
    assert 2 == job["outputs_count"]
    assert {**saved, "nodeId": "2", "mediaType": "images"} == job["preview_output"]


async def test_jobs(comfy: Comfy) -> None:
    """/api/jobs has finished and pending prompts in one form, and exists under /api only."""
    done = await comfy.submit(plain())
    await comfy.entry(done)
    async with busy(comfy) as running:
        waiting = await comfy.submit(plain())
        jobs = {job["id"]: job for job in (await comfy.json("/api/jobs"))["jobs"]}
        await delete(comfy, waiting)
    assert ("completed", "in_progress", "pending") == tuple(
        jobs[one]["status"] for one in (done, running, waiting)
    )
    assert (1, "images") == (jobs[done]["outputs_count"], jobs[done]["preview_output"]["mediaType"])
    whole = await comfy.json(f"/api/jobs/{done}")
    assert (await comfy.entry(done))["outputs"] == whole["outputs"]
    assert 404 == await comfy.status("GET", "/jobs")
    assert 400 == await comfy.status("GET", "/api/jobs?status=lost")

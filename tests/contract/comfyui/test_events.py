"""/ws: who gets which events, and in what order."""

from __future__ import annotations

import uuid

import pytest

from tests.contract.comfyui.client import Comfy, eventually
from tests.contract.comfyui.graphs import node, plain, slow


def fresh_id() -> str:
    """A client_id nobody has used."""
    return uuid.uuid4().hex


async def test_greeting(comfy: Comfy) -> None:
    """The first message is `status`, with the client's own id in it."""
    mine = fresh_id()
    async with comfy.listening(mine) as ears:
        await eventually(lambda: ears.events)
    kind, data = ears.events[0]
    assert ("status", mine) == (kind, data["sid"])
    assert isinstance(data["status"]["exec_info"]["queue_remaining"], int)


async def test_server_gives_an_id(comfy: Comfy) -> None:
    """A client without an id is given one."""
    async with comfy.listening() as ears:
        await eventually(lambda: ears.events)
    assert 32 == len(ears.events[0][1]["sid"])


async def test_order_of_a_run(comfy: Comfy) -> None:
    """An uncached run tells its start, what is cached, each node, its end, and last `executing` null."""
    mine = fresh_id()
    async with comfy.listening(mine) as ears:
        prompt_id = await comfy.submit(plain(), client_id=mine)
        await eventually(lambda: ears.has_ended(prompt_id))
    assert [
        ("execution_start", None),
        ("execution_cached", None),
        ("progress_state", None),
        ("executing", "1"),
        ("progress_state", None),
        ("progress_state", None),
        ("executing", "2"),
        ("executed", "2"),
        ("progress_state", None),
        ("execution_success", None),
        ("executing", None),
    ] == [(kind, data.get("node")) for kind, data in ears.of(prompt_id)]


async def test_status_around_a_run(comfy: Comfy) -> None:
    """`status` comes when a prompt is queued, when it is taken, and between its success and its end."""
    mine = fresh_id()
    async with comfy.listening(mine) as ears:
        await eventually(lambda: ears.events)
        prompt_id = await comfy.submit(plain(), client_id=mine)
        await eventually(lambda: ears.has_ended(prompt_id))
    kinds = [kind for kind, _ in ears.events]
    start, success = kinds.index("execution_start"), kinds.index("execution_success")
    assert ["status"] * 3 == kinds[:start]  # the first is the greeting
    assert ["status", "executing"] == kinds[success + 1 :]


async def test_progress_state(comfy: Comfy) -> None:
    """`progress_state` has every node that has started, with its state."""
    mine = fresh_id()
    async with comfy.listening(mine) as ears:
        prompt_id = await comfy.submit(plain(), client_id=mine)
        await eventually(lambda: ears.has_ended(prompt_id))
    states = [data["nodes"] for kind, data in ears.of(prompt_id) if kind == "progress_state"]
    assert {"1": "running"} == {key: value["state"] for key, value in states[0].items()}
    assert {"1": "finished", "2": "finished"} == {key: value["state"] for key, value in states[-1].items()}
    assert ("1", prompt_id) == (states[0]["1"]["node_id"], states[0]["1"]["prompt_id"])


async def test_executed_names_the_files(comfy: Comfy) -> None:
    """`executed` has the output node's files, the same as the history."""
    mine = fresh_id()
    async with comfy.listening(mine) as ears:
        prompt_id = await comfy.submit(plain(), client_id=mine)
        await eventually(lambda: ears.has_ended(prompt_id))
    [output] = [data["output"] for kind, data in ears.of(prompt_id) if kind == "executed"]
    assert (await comfy.entry(prompt_id))["outputs"]["2"] == output


async def test_history_is_there_at_the_end(comfy: Comfy) -> None:
    """After `executing` with node null the history has the run."""
    mine = fresh_id()
    async with comfy.listening(mine) as ears:
        prompt_id = await comfy.submit(plain(), client_id=mine)
        await eventually(lambda: ears.has_ended(prompt_id))
    assert prompt_id in await comfy.json(f"/history/{prompt_id}")


async def test_events_go_to_the_owner(comfy: Comfy) -> None:
    """Another client gets nothing of a prompt that has a client_id, but `status`."""
    async with comfy.listening(fresh_id()) as ears:
        await eventually(lambda: ears.events)
        prompt_id = await comfy.submit(plain())
        await comfy.entry(prompt_id)
        async with comfy.listening(fresh_id()) as later:
            await eventually(lambda: later.events)  # a round trip through the same delivery
    assert [] == ears.kinds(prompt_id)


async def test_without_client_id_everybody_hears_half(comfy: Comfy) -> None:
    """A prompt without client_id tells everybody its progress_state, and nobody its start, nodes or end."""
    async with comfy.listening(fresh_id()) as ears:
        await eventually(lambda: ears.events)
        status, body = await comfy.post_prompt(plain())
        assert 200 == status
        prompt_id = body["prompt_id"]
        await comfy.entry(prompt_id)
        await eventually(lambda: 4 <= len(ears.of(prompt_id)))
    assert {"progress_state"} == set(ears.kinds(prompt_id))


@pytest.mark.parametrize("client_id", ["", "nobody is connected under this"])
async def test_any_client_id_keeps_events_private(comfy: Comfy, client_id: str) -> None:
    """Any client_id, even an empty one and connected or not, keeps a prompt's events from everybody else."""
    async with comfy.listening(fresh_id()) as ears:
        await eventually(lambda: ears.events)
        _, body = await comfy.post_prompt(plain(), client_id=client_id)
        await comfy.entry(body["prompt_id"])
        async with comfy.listening(fresh_id()) as later:
            await eventually(lambda: later.events)
    assert [] == ears.of(body["prompt_id"])


async def test_no_replay_after_the_end(comfy: Comfy) -> None:
    """A client that comes after its prompt has ended gets `status` and nothing else."""
    mine = fresh_id()
    prompt_id = await comfy.submit(plain(), client_id=mine)
    await comfy.entry(prompt_id)
    async with comfy.listening(mine) as ears:
        await eventually(lambda: ears.events)
        await comfy.run(plain())
    assert [] == ears.kinds(prompt_id)
    assert {"status"} == {kind for kind, _ in ears.events}


async def test_coming_back_during_a_run(comfy: Comfy) -> None:
    """A client that comes while its prompt runs gets `executing` with a node and without a prompt_id."""
    mine = fresh_id()
    prompt_id = await comfy.submit(slow(), client_id=mine)
    try:
        async with comfy.listening(mine) as first:
            await eventually(lambda: "executing" in first.kinds(prompt_id))
        async with comfy.listening(mine) as ears:
            await eventually(lambda: 2 <= len(ears.events))
    finally:
        await comfy.interrupt(prompt_id)
    assert ["status", "executing"] == [kind for kind, _ in ears.events[:2]]
    assert {"node"} == set(ears.events[1][1])


async def test_deaf_after_reconnect(comfy: Comfy) -> None:
    """A second socket of the same id hears nothing more once the first one closes."""
    mine = fresh_id()
    async with comfy.session.ws_connect("/ws", params={"clientId": mine}) as old:
        await old.receive_json()
        async with comfy.listening(mine) as ears:
            await eventually(lambda: ears.events)
            await old.close()
            async with comfy.listening(fresh_id()) as witness:
                prompt_id = await comfy.submit(plain(), client_id=mine)
                await comfy.entry(prompt_id)
                await eventually(lambda: 3 <= len(witness.events))
            assert not ears.socket.closed
    assert 1 == len(ears.events)


async def test_feature_flags(comfy: Comfy) -> None:
    """A first message with feature flags is answered with the server's, which /features also tells."""
    async with comfy.listening(fresh_id()) as ears:
        await ears.socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        await eventually(lambda: any(kind == "feature_flags" for kind, _ in ears.events))
    assert await comfy.json("/features") == dict(ears.events)["feature_flags"]


async def test_nonsense_is_ignored(comfy: Comfy) -> None:
    """A message that is no JSON neither closes the socket nor stops its events."""
    mine = fresh_id()
    async with comfy.listening(mine) as ears:
        await ears.socket.send_str("{")
        await ears.socket.send_str("[]")
        prompt_id = await comfy.submit(plain(), client_id=mine)
        await eventually(lambda: ears.has_ended(prompt_id))
    assert "executed" in ears.kinds(prompt_id)


async def test_failure_tells_its_host(comfy: Comfy) -> None:
    """`execution_error` has node, type, message, traceback, inputs and the prompt; so has the history."""
    mine = fresh_id()
    outside = plain(prefix="../../outside")
    async with comfy.listening(mine) as ears:
        prompt_id = await comfy.submit(outside, client_id=mine)
        await eventually(lambda: ears.has_ended(prompt_id))
    [told] = [data for kind, data in ears.of(prompt_id) if kind == "execution_error"]
    assert ("2", "SaveImage", ["1"]) == (told["node_id"], told["node_type"], told["executed"])
    assert {"exception_message", "exception_type", "traceback", "current_inputs", "current_outputs"} <= set(
        told
    )
    assert "output_dir: /" in told["exception_message"]
    assert ["../../outside"] == told["current_inputs"]["filename_prefix"]
    assert told["current_inputs"]["images"][0].startswith("tensor(")
    assert "EmptyImage" in told["current_inputs"]["prompt"][0]
    status = (await comfy.entry(prompt_id))["status"]
    assert ("error", False) == (status["status_str"], status["completed"])
    assert ["execution_error", told] == status["messages"][-1]


async def test_good_outputs_of_a_failed_run(comfy: Comfy) -> None:
    """What was saved before a failure is in the history of the failed run."""
    graph = plain() | {
        "3": node("ImageInvert", image=["1", 0]),
        "4": node("SaveImage", images=["3", 0], filename_prefix="../../outside"),
    }
    entry = await comfy.run(graph)
    assert "error" == entry["status"]["status_str"]
    assert ["2"] == list(entry["outputs"])

"""Ties in the queue: the real server's bug that no test may try on anybody's server."""

from __future__ import annotations

from services.devstack.comfyui import Simulator
from tests.contract.comfyui.client import Comfy, eventually
from tests.contract.comfyui.graphs import flux, plain
from tests.contract.comfyui.target import simulator_only

pytestmark = simulator_only


async def tie(comfy: Comfy) -> int:
    """Status of a prompt with a number and an id that others have too."""
    body = {"prompt": plain(), "prompt_id": "twin", "number": 5, "client_id": "c"}
    return await comfy.status("POST", "/prompt", json=body)


async def pending(comfy: Comfy) -> list[str]:
    """Ids of pending prompts."""
    return [item[1] for item in (await comfy.json("/queue"))["queue_pending"]]


async def test_second_of_a_tie_is_queued_anyway(simulator: Simulator, simulated: Comfy) -> None:
    """Two pending prompts of the same number and id: the second answers 500, and runs."""
    simulator.faults.wedged = True
    assert [200, 500] == [await tie(simulated) for _ in range(2)]
    assert ["twin", "twin"] == await pending(simulated)
    simulator.faults.wedged = False
    await eventually(lambda: 2 == simulator.runs.rendered["twin"])


async def test_three_of_a_tie_kill_the_worker(simulator: Simulator, simulated: Comfy) -> None:
    """A third one kills the worker: everything answers, nothing runs, and only a restart helps."""
    simulator.faults.hang_before_step = 1
    last = await simulated.submit(flux("the last one"))
    await simulated.until_running(last)
    assert [200, 500, 500] == [await tie(simulated) for _ in range(3)]
    simulator.faults.hang_before_step = None
    await simulated.entry(last)  # with its end the worker takes the next, and dies of it
    assert ["twin", "twin"] == await pending(simulated)
    assert 200 == await simulated.status("POST", "/queue", json={"clear": True})
    prompt_id = await simulated.submit(plain())
    await simulated.json("/system_stats")
    assert [prompt_id] == await pending(simulated)
    await simulator.restart()
    assert "success" == (await simulated.run(plain()))["status"]["status_str"]
    assert (0, 0) == (simulator.runs.started["twin"], simulator.runs.started[prompt_id])

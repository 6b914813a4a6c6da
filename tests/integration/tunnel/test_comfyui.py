"""The way of one picture, to ComfyUI's simulator and back, through the tunnel."""

from __future__ import annotations

from pathlib import Path

from aiohttp import ClientSession, FormData, WSMsgType
from yarl import URL

from services.devstack.comfyui.config import SimulatorConfig
from services.devstack.comfyui.server import running_simulator
from tests.contract.comfyui.graphs import inverted, plain
from tests.integration.tunnel.running import tunnel_to


async def test_a_picture_and_its_edit(client: ClientSession, tmp_path: Path) -> None:
    """Submit, follow, look up, download, upload again and edit: every route does its work."""
    async with (
        running_simulator(SimulatorConfig(base_dir=tmp_path, step_s=0)) as simulator,
        tunnel_to(URL(simulator.url).port or 0) as url,
        client.ws_connect(f"{url}/ws?clientId=c1") as socket,
    ):

        async def rendered(graph: object, prompt: str) -> bytes:
            body = {"prompt": graph, "client_id": "c1", "prompt_id": prompt}
            async with client.post(f"{url}/prompt", json=body) as submitted:
                assert 200 == submitted.status
            while True:
                message = await socket.receive(10)
                assert message.type in {WSMsgType.TEXT, WSMsgType.BINARY}
                said = message.json() if message.type is WSMsgType.TEXT else {"type": "preview"}
                if said["type"] == "executing" and said["data"]["node"] is None:
                    break
            async with client.get(f"{url}/history/{prompt}") as history:
                (output,) = (await history.json())[prompt]["outputs"].values()
            async with client.get(f"{url}/view", params=output["images"][0]) as view:
                assert "image/png" == view.content_type
                return await view.read()

        picture = await rendered(plain(color=0), "p1")
        form = FormData()
        form.add_field("image", picture, filename="a.png", content_type="image/png")
        async with client.post(f"{url}/upload/image", data=form) as uploaded:
            name = (await uploaded.json())["name"]
        edited = await rendered(inverted(name), "p2")
        async with client.post(f"{url}/history", json={"delete": ["p1", "p2"]}):
            pass
        async with client.get(f"{url}/history") as history:
            left = await history.json()

    assert picture.startswith(b"\x89PNG")
    assert edited.startswith(b"\x89PNG")
    assert picture != edited
    assert {} == left

"""A plain ComfyUI client: no cleverness, so that the tests show what the server does."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, FormData, WSMsgType
from PIL import Image

from tests.contract.comfyui.graphs import Graph
from tests.contract.comfyui.pictures import decoded

DEADLINE_S = 30.0  # for a real server on a slow CPU; the simulator needs milliseconds
_POLL_S = 0.01


class Listener:
    """
    One WebSocket, read in the background.

    Attributes:
        events: JSON messages so far, as (type, data).
        frames: Binary messages so far.
    """

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.frames: list[bytes] = []

    async def read(self) -> None:
        """Record until the socket closes."""
        async for message in self.socket:
            if message.type is WSMsgType.TEXT:
                event = message.json()
                self.events.append((event["type"], event["data"]))
            elif message.type is WSMsgType.BINARY:
                self.frames.append(message.data)

    def of(self, prompt_id: str) -> list[tuple[str, dict[str, Any]]]:
        """Events that name *prompt_id*."""
        return [(kind, data) for kind, data in self.events if data.get("prompt_id") == prompt_id]

    def kinds(self, prompt_id: str) -> list[str]:
        """Types of the events that name *prompt_id*."""
        return [kind for kind, _ in self.of(prompt_id)]

    def has_ended(self, prompt_id: str) -> bool:
        """True once `executing` with node null has come: the history is written by then."""
        return any(kind == "executing" and data["node"] is None for kind, data in self.of(prompt_id))


class Comfy:
    """One server. `session` is open for what has no method here."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def json(self, path: str) -> Any:
        """Body of a GET that must answer 200."""
        async with self.session.get(path) as reply:
            assert 200 == reply.status, f"{path}: {reply.status}"
            return await reply.json()

    async def status(self, method: str, path: str, **options: Any) -> int:
        """Status of a request whose body does not matter."""
        async with self.session.request(method, path, **options) as reply:
            await reply.read()
            return reply.status

    async def post_prompt(self, graph: Any, **fields: Any) -> tuple[int, dict[str, Any]]:
        """Status and body of POST /prompt."""
        async with self.session.post("/prompt", json={"prompt": graph, **fields}) as reply:
            return reply.status, await reply.json()

    async def submit(self, graph: Graph, *, client_id: str | None = None, **fields: Any) -> str:
        """Queue *graph*, with a client_id as a client should; its prompt_id."""
        owner = client_id or uuid.uuid4().hex
        status, body = await self.post_prompt(graph, client_id=owner, **fields)
        assert 200 == status, body
        return body["prompt_id"]

    async def entry(self, prompt_id: str) -> dict[str, Any]:
        """History entry of *prompt_id*, once there."""

        async def found() -> dict[str, Any] | None:
            return (await self.json(f"/history/{prompt_id}")).get(prompt_id)

        return await eventually(found)

    async def run(self, graph: Graph, **fields: Any) -> dict[str, Any]:
        """History entry of *graph* after its run."""
        return await self.entry(await self.submit(graph, **fields))

    async def running(self) -> list[str]:
        """Ids of running prompts, anybody's."""
        return [item[1] for item in (await self.json("/queue"))["queue_running"]]

    async def until_running(self, prompt_id: str) -> None:
        """Wait until the worker has taken *prompt_id*."""

        async def taken() -> bool:
            return prompt_id in await self.running()

        await eventually(taken)

    async def interrupt(self, prompt_id: str) -> None:
        """Interrupt *prompt_id* only, again until it took: the flag is cleared when a prompt starts."""

        async def gone() -> bool:
            assert 200 == await self.status("POST", "/interrupt", json={"prompt_id": prompt_id})
            return prompt_id not in await self.running()

        await eventually(gone)

    async def view(self, file: dict[str, str], **query: str) -> bytes:
        """Bytes of a file that an output names."""
        async with self.session.get("/view", params={**file, **query}) as reply:
            assert 200 == reply.status, f"{file}: {reply.status}"
            return await reply.read()

    async def upload(self, name: str, body: bytes, **fields: str) -> dict[str, str]:
        """Reply to an upload that must succeed."""
        status, reply = await self.post_upload(name, body, **fields)
        assert 200 == status
        return reply

    async def post_upload(self, name: str, body: bytes, **fields: str) -> tuple[int, Any]:
        """Status of an upload, and its reply if that is 200. The name goes out as it is, like curl's."""
        form = FormData(quote_fields=False)
        form.add_field("image", body, filename=name, content_type="image/png")
        for key, value in fields.items():
            form.add_field(key, value)
        async with self.session.post("/upload/image", data=form) as reply:
            return reply.status, await reply.json() if reply.status == 200 else None

    @contextlib.asynccontextmanager
    async def listening(self, client_id: str = "") -> AsyncIterator[Listener]:
        """Record a WebSocket's messages while the block runs."""
        async with self.session.ws_connect("/ws", params={"clientId": client_id}) as socket:
            listener = Listener(socket)
            task = asyncio.create_task(listener.read())
            try:
                yield listener
            finally:
                await socket.close()
                await task


async def picture_of(comfy: Comfy, graph: Graph) -> Image.Image:
    """Picture that node `save` of *graph* saves."""
    entry = await comfy.run(graph)
    assert "success" == entry["status"]["status_str"], entry["status"]["messages"][-1]
    return decoded(await comfy.view(entry["outputs"]["save"]["images"][0]))


async def eventually(probe: Callable[[], Any]) -> Any:
    """First true value of *probe*, sync or async; fails after DEADLINE_S."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            value = probe()
            if asyncio.iscoroutine(value):
                value = await value
            if value:
                return value
            await asyncio.sleep(_POLL_S)

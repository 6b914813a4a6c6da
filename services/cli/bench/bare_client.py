"""The least that a client of ComfyUI can do: what Darkroom is compared with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import aiohttp
import msgspec
from msgspec import Struct

from services.common.errors import RejectedError, UnavailableError

Graph = dict[str, Any]


class Prompt(Struct, frozen=True, kw_only=True):
    """What is rendered, and what else ComfyUI was told with it, such as whether previews are wanted."""

    graph: Graph
    extra: dict[str, Any]


_RENDER_TIMEOUT_S = 600.0
_OWN = frozenset({"client_id", "create_time"})  # of one submission, not of what is rendered


class NotRenderedError(RejectedError):
    """ComfyUI did not render what it was given."""

    code = "not-rendered"


class QueueLength(Struct, frozen=True, kw_only=True):
    """How many prompts the backend had, and when it said so, in seconds of ``time.perf_counter``."""

    at_s: float
    remaining: int


class Bare(Struct, frozen=True, kw_only=True):
    """
    One render, from the first byte of ``POST /prompt`` to the last one of the picture.

    Attributes:
        seconds: All of it.
        size_bytes: Of the picture.
    """

    seconds: float
    size_bytes: int


class BareClient:
    """
    One WebSocket that is open already, and one HTTP connection that is kept. Made by ``connected``.

    Attributes:
        lengths: What the backend said about its queue since it was cleared; it says so to everybody.
    """

    def __init__(self, http: aiohttp.ClientSession, client_id: str) -> None:
        self.lengths: list[QueueLength] = []
        self._http = http
        self._client_id = client_id
        self._ended: dict[str, asyncio.Future[None]] = {}

    async def render(self, prompt: Prompt) -> Bare:
        """
        ``POST /prompt``, wait for ``executing`` with no node, ``GET /history``, ``GET /view``.

        Raises:
            NotRenderedError: It was refused, or failed.
        """
        prompt_id = str(uuid4())
        ended = self._ended[prompt_id] = asyncio.get_running_loop().create_future()
        body = {
            "prompt": prompt.graph,
            "prompt_id": prompt_id,
            "client_id": self._client_id,
            "extra_data": prompt.extra,
        }
        began = time.perf_counter()
        await self._post("/prompt", body)
        async with asyncio.timeout(_RENDER_TIMEOUT_S):
            await ended
        history = msgspec.json.decode(await self._get(f"/history/{prompt_id}"))
        file = _first_file(history[prompt_id])
        data = await self._get("/view", file)
        seconds = time.perf_counter() - began
        del self._ended[prompt_id]
        await self._post("/history", {"delete": [prompt_id]})
        return Bare(seconds=seconds, size_bytes=len(data))

    async def prompt_holding(self, value: int, timeout_s: float) -> Prompt:
        """
        The prompt with an input that is *value*, in the queue or the history, as soon as it is there.

        Raises:
            UnavailableError: It never was.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while True:
                    queue = msgspec.json.decode(await self._get("/queue"))
                    history = msgspec.json.decode(await self._get("/history", {"max_items": "8"}))
                    items = [*queue["queue_running"], *queue["queue_pending"]]
                    items += [entry["prompt"] for entry in history.values()]
                    for item in items:
                        if _holds(item[2], value):
                            extra = {name: told for name, told in item[3].items() if name not in _OWN}
                            return Prompt(graph=item[2], extra=extra)
                    await asyncio.sleep(0.005)
        raise UnavailableError("The backend never had the prompt that was asked for.")

    async def listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Hear what the backend tells, until it is gone."""
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue  # previews
            told = msgspec.json.decode(message.data)
            data = told["data"]
            if told["type"] == "status":
                remaining = data["status"]["exec_info"]["queue_remaining"]
                self.lengths.append(QueueLength(at_s=time.perf_counter(), remaining=remaining))
            elif told["type"] == "executing" and data.get("node") is None:
                ended = self._ended.get(data.get("prompt_id", ""))
                if ended is not None and not ended.done():
                    ended.set_result(None)
        for ended in self._ended.values():
            if not ended.done():
                ended.set_exception(UnavailableError("The backend closed the WebSocket."))

    async def _get(self, route: str, params: dict[str, str] | None = None) -> bytes:
        async with self._http.get(route, params=params) as answer:
            if answer.status != 200:
                raise NotRenderedError(f"The backend answers {route} with status {answer.status}.")
            return await answer.read()

    async def _post(self, route: str, body: object) -> None:
        async with self._http.post(route, json=body) as answer:
            said = await answer.text()
            if answer.status != 200:
                raise NotRenderedError(f"The backend refuses {route}: {said[:200]}")


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[BareClient]:
    """
    A client of the ComfyUI at *url*.

    Raises:
        UnavailableError: It does not answer, then or later inside the block.
    """
    client_id = uuid4().hex
    try:
        async with (
            aiohttp.ClientSession(url, trust_env=False) as http,
            http.ws_connect("/ws", params={"clientId": client_id}, max_msg_size=0) as socket,
        ):
            client = BareClient(http, client_id)
            listening = asyncio.create_task(client.listen(socket))
            try:
                yield client
            finally:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening
    except (aiohttp.ClientError, TimeoutError) as exc:
        raise UnavailableError(f"ComfyUI at {url} does not answer: {exc or type(exc).__name__}") from exc


def with_values(prompt: Prompt, seed: int, new_seed: int, file_stem: str) -> Prompt:
    """*prompt* with another seed wherever *seed* stands, saving under names of its own."""
    changed: Graph = {}
    for node_id, node in prompt.graph.items():
        inputs = {
            name: new_seed if value == seed else file_stem if name == "filename_prefix" else value
            for name, value in node["inputs"].items()
        }
        changed[node_id] = {**node, "inputs": inputs}
    return Prompt(graph=changed, extra=prompt.extra)


def _holds(graph: Graph, value: int) -> bool:
    return any(value in node["inputs"].values() for node in graph.values())


def _first_file(entry: dict[str, Any]) -> dict[str, str]:
    """How ``GET /view`` is asked for the first file of a history entry."""
    for shown in entry["outputs"].values():
        for files in shown.values():
            for file in files:
                if isinstance(file, dict) and "filename" in file:
                    return {name: file[name] for name in ("filename", "subfolder", "type")}
    raise NotRenderedError(f"The backend rendered nothing: {entry['status'].get('status_str')}.")

"""ComfyUI's routes on one backend, on behalf of one image chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import aiohttp

from services.renderer.comfyui.answers import (
    Ended,
    HostCard,
    HostPurge,
    Queue,
    QueueLength,
    Refusal,
    SystemStats,
    Uploaded,
    read,
)
from services.renderer.comfyui.refusal import refused, spoilt
from services.renderer.comfyui.standing import Standing, in_history, in_queue
from services.renderer.comfyui.transport import Answer, Transport
from services.renderer.definition import Definition
from services.renderer.errors import (
    AttemptFailedError,
    PromptBusyError,
    RouteRefusedError,
    SpoiltError,
    UnexpectedAnswerError,
)
from services.renderer.graph import Graph
from services.renderer.object_info import ObjectInfo

PREVIEW_METHOD = "latent2rgb"
"""Previews cost next to nothing by this method, and it needs no model of its own."""

_LOOK_TIMEOUT_S = 15.0
_UPLOAD_TIMEOUT_S = 300.0
_PURGE_TIMEOUT_S = 60.0  # folders may hold a great many files
_NOT_OFFERED = frozenset({403, 404, 405})


class ComfyUI:
    """
    One backend. Every method raises as ``Transport.ask`` does, and besides:

    Raises:
        UnexpectedAnswerError: The answer is not one of ComfyUI's.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    async def system_stats(self) -> SystemStats:
        """Version and devices."""
        answer = await self.transport.ask("GET", "/system_stats", timeout_s=_LOOK_TIMEOUT_S)
        return read(_expect(answer), SystemStats)

    async def queue_length(self) -> int:
        """How many prompts run or wait there, whoever's; tiny, where /queue is everybody's whole graphs."""
        answer = await self.transport.ask("GET", "/prompt", timeout_s=_LOOK_TIMEOUT_S)
        return read(_expect(answer), QueueLength).exec_info.queue_remaining

    async def object_info(self, node_class: str = "") -> ObjectInfo:
        """Every node class it has, with the choices of its inputs; or only *node_class*, if it has that."""
        route = f"/object_info/{node_class}" if node_class else "/object_info"
        return read(_expect(await self.transport.ask("GET", route)), ObjectInfo)

    async def upload(self, name: str, data: bytes, mime: str) -> str:
        """
        Put a picture into the input folder.

        Args:
            name: ASCII without slashes; the same name with the same bytes is kept once.
            data: The picture.
            mime: Its media type.

        Returns:
            How a node refers to it: another name, if that one was taken by other bytes.

        Raises:
            AttemptFailedError: It is larger than the backend takes.
        """
        form = aiohttp.FormData()
        form.add_field("image", data, filename=name, content_type=mime)
        answer = await self.transport.ask("POST", "/upload/image", form=form, timeout_s=_UPLOAD_TIMEOUT_S)
        if answer.status == 413:
            # How much it takes is a setting of each ComfyUI: another backend may take more.
            raise AttemptFailedError("input-too-large", retryable=True)
        uploaded = read(_expect(answer), Uploaded)
        return f"{uploaded.subfolder}/{uploaded.name}" if uploaded.subfolder else uploaded.name

    async def has_input(self, name: str, size_bytes: int) -> bool:
        """Whether a file of this size lies in the input folder under *name*, as ``upload`` named it."""
        query = {"filename": name, "type": "input"}
        size = await self.transport.size("/view", query, timeout_s=_LOOK_TIMEOUT_S)
        return size == size_bytes

    async def free(self) -> None:
        """Have it drop models and caches before the next prompt; the answer does not tell whether it did."""
        await self._post("/free", {"unload_models": True, "free_memory": True})

    async def submit(self, definition: Definition, graph: Graph, prompt_id: UUID, client_id: str) -> None:
        """
        Queue a prompt. ComfyUI takes the same id again and renders again: look first.

        Raises:
            AttemptFailedError: It was refused, and is not queued.
            SpoiltError: It is queued, but an output of the workflow will not be made.
            BackendCutError, UnexpectedAnswerError: Whether it is queued is unknown; even a 500 may be.
        """
        body = {
            "prompt": graph,
            "prompt_id": str(prompt_id),
            # Without one a prompt whose outputs are cached ends without any.
            "client_id": client_id,
            "extra_data": {"preview_method": PREVIEW_METHOD},
        }
        answer = await self.transport.ask("POST", "/prompt", json=body)
        if answer.status == 400:
            raise refused(read(answer.body, Refusal), definition, graph)
        if answer.status == 413:
            raise AttemptFailedError("bad-input", retryable=False)
        taken = read(_expect(answer), Refusal)
        if spoilt(taken, definition.recipe.outputs):
            raise SpoiltError(refused(taken, definition, graph))

    async def standing(self, prompt_id: UUID) -> Standing:
        """One look: /queue first, for a prompt that runs is not in the history yet."""
        answer = await self.transport.ask("GET", "/queue", timeout_s=_LOOK_TIMEOUT_S)
        queue = read(_expect(answer), Queue)
        queued = in_queue(queue, str(prompt_id))
        if queued is not None:
            return queued
        return in_history(await self.ended(prompt_id), queue)

    async def ended(self, prompt_id: UUID) -> Ended | None:
        """What the history holds of it. Nothing does not mean that it has not ended: a history gets lost."""
        answer = await self.transport.ask("GET", f"/history/{prompt_id}", timeout_s=_LOOK_TIMEOUT_S)
        return read(_expect(answer), dict[str, Ended]).get(str(prompt_id))

    async def drop_pending(self, prompt_id: UUID) -> None:
        """Take one pending copy out of the queue; one that runs, or is not there, is left alone."""
        await self._post("/queue", {"delete": [str(prompt_id)]})

    async def interrupt(self, prompt_id: UUID) -> None:
        """Stop it if it runs. Never without an id: that would stop whatever runs."""
        await self._post("/interrupt", {"prompt_id": str(prompt_id)})

    async def forget(self, prompt_id: UUID) -> None:
        """Take it out of the history, and with it the words it was made of."""
        await self._post("/history", {"delete": [str(prompt_id)]})

    async def purges_files(self) -> bool:
        """Whether the tunnel's host role is beside it, and knows its folders; raises as ``Transport.ask``."""
        try:
            answer = await self.transport.ask("GET", "/darkroom/host", timeout_s=_LOOK_TIMEOUT_S)
            return answer.status == 200 and read(answer.body, HostCard).purges_files
        except RouteRefusedError:
            return False  # a tunnel of before there were purges
        except UnexpectedAnswerError:
            return False  # something else answers there

    async def purge(self, prompt_id: UUID, inputs: Sequence[str]) -> HostPurge | None:
        """
        Have everything deleted that a prompt left on the backend's machine, its history as well.

        Args:
            prompt_id: It neither waits nor runs any more.
            inputs: Names of the pictures that were uploaded for it.

        Returns:
            What was deleted; nothing where that can't be done, or not any more.

        Raises:
            PromptBusyError: It waits or runs after all.
        """
        body = {"prompt_id": str(prompt_id), "inputs": list(inputs)}
        answer = await self.transport.ask("POST", "/darkroom/purge", json=body, timeout_s=_PURGE_TIMEOUT_S)
        if answer.status in _NOT_OFFERED:
            return None
        if answer.status == 409:
            raise PromptBusyError
        return read(_expect(answer), HostPurge)

    async def _post(self, route: str, body: dict[str, Any]) -> None:
        _expect(await self.transport.ask("POST", route, json=body, timeout_s=_LOOK_TIMEOUT_S))


def _expect(answer: Answer) -> bytes:
    if answer.status != 200:
        raise UnexpectedAnswerError(f"status {answer.status}")
    return answer.body

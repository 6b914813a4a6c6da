"""What the host itself asks of the ComfyUI beside it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct

from services.tunnel.backends import Backend
from services.tunnel.errors import BackendCutError, BackendRefusedError, BackendTimeoutError
from services.tunnel.host.naming import digests_in
from services.tunnel.ways import Ways

_ANSWER_BYTES_MAX = 256 * 1024 * 1024  # a queue of many prompts with pictures inside them
_TIMEOUT_S = 20.0
_JSON = {"Content-Type": "application/json"}


class _Queue(Struct, frozen=True, kw_only=True):
    queue_running: list[list[Any]] = []
    queue_pending: list[list[Any]] = []


class Busy(Struct, frozen=True, kw_only=True):
    """
    What ComfyUI has yet to do, or is doing.

    Attributes:
        prompts: Ids of what runs or waits, whoever's.
        digests: Content of the inputs that these refer to, as their names give it.
    """

    prompts: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()


class OwnComfyUI:
    """
    The ComfyUI on this machine.

    Raises:
        BackendError: From every method: no answer, or not ComfyUI's.
    """

    def __init__(self, backend: Backend, ways: Ways) -> None:
        self._backend = backend
        self._ways = ways

    async def busy(self) -> Busy:
        """What runs or waits there; nothing does when ComfyUI is off."""
        try:
            data = await self._ask("GET", "/queue")
        except BackendRefusedError:
            return Busy()
        queue = _decoded(data, _Queue)
        items = [*queue.queue_running, *queue.queue_pending]
        return Busy(
            prompts=frozenset(str(item[1]) for item in items if len(item) > 1), digests=digests_in(data)
        )

    async def history(self, prompt_id: str) -> object:
        """Its history entry; ``None`` when there is none, or ComfyUI is off and has none any more."""
        try:
            data = await self._ask("GET", f"/history/{prompt_id}")
        except BackendRefusedError:
            return None
        return _decoded(data, dict[str, Any]).get(prompt_id)

    async def forget(self, prompt_ids: list[str]) -> None:
        """Take them out of its history; a ComfyUI that is off has none."""
        with suppress(BackendRefusedError):
            await self._ask("POST", "/history", msgspec.json.encode({"delete": prompt_ids}))

    async def _ask(self, method: str, route: str, body: bytes | None = None) -> bytes:
        headers = _JSON if body is not None else {}
        try:
            async with asyncio.timeout(_TIMEOUT_S), self._ways.way(self._backend, "") as upstream:
                url = self._backend.origin + route
                async with await upstream.send(method, url, headers, body) as answer:
                    data = bytearray()
                    while chunk := await upstream.read(answer):
                        data += chunk
                        if len(data) > _ANSWER_BYTES_MAX:
                            raise BackendCutError(f"{route} answered more than {_ANSWER_BYTES_MAX} bytes.")
        except TimeoutError as exc:
            raise BackendTimeoutError("ComfyUI did not answer the host in time.") from exc
        if answer.status != 200:
            raise BackendCutError(f"ComfyUI answered {method} {route} with status {answer.status}.")
        return bytes(data)


def _decoded(data: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as exc:
        raise BackendCutError("ComfyUI's answer is not what it should be.") from exc

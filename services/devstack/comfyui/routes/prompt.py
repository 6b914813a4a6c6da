"""GET and POST /prompt."""

from __future__ import annotations

import time
import uuid
from typing import Any

from aiohttp import web

from services.devstack.comfyui.core import Core
from services.devstack.comfyui.engine.complaints import complaint
from services.devstack.comfyui.engine.validation import validate

_CREDENTIALS = ("auth_token_comfy_org", "api_key_comfy_org")


class PromptRoutes:
    """Queueing prompts. What the real server chokes on is not caught here either: aiohttp answers 500."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def table(self) -> list[web.RouteDef]:
        """Routes and their handlers."""
        return [web.get("/prompt", self._length), web.post("/prompt", self._submit)]

    async def _length(self, _: web.Request) -> web.Response:
        return web.json_response(self._core.status())

    async def _submit(self, request: web.Request) -> web.Response:
        body: Any = await request.json()
        number = self._number(body)
        if "prompt" not in body:
            error = complaint("no_prompt", "No prompt provided", "No prompt provided")
            return web.json_response({"error": error, "node_errors": {}}, status=400)
        prompt_id = str(body.get("prompt_id", uuid.uuid4()))
        prompt = body["prompt"]
        targets = body.get("partial_execution_targets")
        verdict = validate(prompt, self._core.library, self._core.here, targets)
        extra: dict[str, Any] = body.get("extra_data", {})
        if "client_id" in body:
            extra["client_id"] = body["client_id"]
        if verdict.error is not None:
            refusal = {"error": verdict.error, "node_errors": verdict.node_errors}
            return web.json_response(refusal, status=400)
        credentials = {name: extra.pop(name) for name in _CREDENTIALS if name in extra}
        extra["create_time"] = int(time.time() * 1000)
        self._core.queue.put((number, prompt_id, prompt, extra, verdict.outputs, credentials))
        self._spoil(request)
        reply = {"prompt_id": prompt_id, "number": number, "node_errors": verdict.node_errors}
        return web.json_response(reply)

    def _number(self, body: Any) -> float:
        """Place in the queue; rejected prompts use theirs up."""
        if "number" in body:
            return float(body["number"])
        number = self._core.next_number
        self._core.next_number += 1
        return -number if body.get("front") else number

    def _spoil(self, request: web.Request) -> None:
        """Lose the reply, or turn it into a 500, if a test asked for that."""
        if self._core.faults.spend("lost_replies") and request.transport is not None:
            request.transport.abort()
        if self._core.faults.spend("failing_replies"):
            raise web.HTTPInternalServerError(
                text="500 Internal Server Error\n\nServer got itself in trouble"
            )

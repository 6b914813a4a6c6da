"""Runs one prompt: nodes in order, cached ones skipped, every step told as ComfyUI tells it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from msgspec import Struct
from PIL.Image import Image

from services.devstack.comfyui.faults import Faults
from services.devstack.comfyui.hub import Hub
from services.devstack.comfyui.installation import Installation
from services.devstack.comfyui.nodes.job import NodeJob
from services.devstack.comfyui.nodes.library import Library
from services.devstack.comfyui.nodes.spec import Node

from .cache import Cached, OutputCache
from .failure import circle, failure
from .interruption import InterruptedByUserError, Interruption
from .plan import Plan
from .progress import Progress
from .types import Message, QueueItem, is_link

_PREVIEW_METHODS = frozenset({"auto", "latent2rgb", "taesd"})
_JPEG_QUALITY = 95


class Workbench(Struct, frozen=True, kw_only=True):
    """What every execution on a server shares."""

    hub: Hub
    library: Library
    here: Installation
    cache: OutputCache
    interruption: Interruption
    faults: Faults
    step_s: float


class _NodeFailedError(Exception):
    """A node failed; `details` is what gets reported."""

    def __init__(self, details: dict[str, Any]) -> None:
        super().__init__(details["exception_message"])
        self.details = details


class Execution:
    """
    One run of one prompt.

    Attributes:
        messages: Events for the history, sent or not.
        outputs: What output nodes showed, by node id.
        success: False after a failure or an interruption.
        rendered: True once an output node really ran.
    """

    def __init__(self, item: QueueItem, bench: Workbench) -> None:
        _, self._prompt_id, self._prompt, self._extra, self._wanted, _ = item
        self._bench = bench
        self._hub = bench.hub
        self._progress = Progress(bench.hub, self._prompt_id)
        self._executed: list[str] = []
        self.messages: list[Message] = []
        self.outputs: dict[str, Any] = {}
        self.success = True
        self.rendered = False

    async def run(self) -> None:
        """Run to the end, well or badly; never raises for what a prompt can cause."""
        self._bench.interruption.clear()
        self._hub.audience = self._extra.get("client_id")
        self._note("execution_start", {})
        cache = self._bench.cache
        await asyncio.to_thread(cache.set_prompt, self._prompt)
        known = [node_id for node_id in self._prompt if cache.get(node_id) is not None]
        self._note("execution_cached", {"nodes": known})
        node_id = self._wanted[0]
        try:
            plan = self._plan()
            while plan:
                node_id = _next(plan)
                await self._step(node_id)
                plan.done(node_id)
        except InterruptedByUserError:
            self._stop("execution_interrupted", {"node_id": node_id}, broadcast=True)
        except _NodeFailedError as failed:
            outputs = {"current_outputs": list(self._prompt)}
            self._stop("execution_error", failed.details | outputs, broadcast=False)
        else:
            self._note("execution_success", {})
        self._hub.current_node = None

    def _plan(self) -> Plan:
        cache, library = self._bench.cache, self._bench.library
        plan = Plan(
            self._prompt,
            is_cached=lambda node_id: cache.get(node_id) is not None,
            is_output=lambda node_id: library[self._prompt[node_id]["class_type"]].is_output,
        )
        for output in self._wanted:
            plan.add(output)
        return plan

    async def _step(self, node_id: str) -> None:
        cached = self._bench.cache.get(node_id)
        if cached is not None:
            # Without a client_id the real server forgets cached outputs, so the history shows none.
            if self._hub.audience is not None:
                self._show(node_id, cached.shown)
            self._progress.finish(node_id)
            return
        self._progress.start(node_id)
        if self._hub.audience is not None:
            self._hub.current_node = node_id
            about = {"node": node_id, "display_node": node_id, "prompt_id": self._prompt_id}
            self._hub.to_audience("executing", about)
        result = await self._run_node(node_id)
        if result.shown is not None:
            self.rendered = True
            self._show(node_id, result.shown)
        self._bench.cache.put(node_id, result)
        self._progress.finish(node_id)
        self._executed.append(node_id)

    async def _run_node(self, node_id: str) -> Cached:
        node = self._bench.library[self._prompt[node_id]["class_type"]]
        given = self._given(node_id)
        self._bench.interruption.check()
        job = NodeJob(
            node_id=node_id,
            prompt=self._prompt,
            extra_pnginfo=self._extra.get("extra_pnginfo"),
            here=self._bench.here,
            faults=self._bench.faults,
            step_s=self._bench.step_s,
            report=lambda step, steps, preview: self._report(node_id, step, steps, preview),
        )
        try:
            result = await node.run(job, given)
        except InterruptedByUserError:
            raise
        except Exception as error:  # whatever a node raises is the prompt's failure, not ours
            raise _NodeFailedError(failure(error, node_id, given | self._hidden(node))) from error
        return Cached(outputs=result.outputs, shown=result.shown)

    def _given(self, node_id: str) -> dict[str, Any]:
        node = self._bench.library[self._prompt[node_id]["class_type"]]
        given: dict[str, Any] = {}
        for name, value in self._prompt[node_id]["inputs"].items():
            if node.input(name) is None:
                continue
            source = self._bench.cache.get(value[0]) if is_link(value) else None
            given[name] = value if source is None else source.outputs[int(value[1])]
        return given

    def _hidden(self, node: Node) -> dict[str, Any]:
        """What older nodes get without asking for it by a link; a failure shows it with the rest."""
        known = {"prompt": self._prompt, "extra_pnginfo": self._extra.get("extra_pnginfo")}
        return {} if node.modern else {name: known[name] for name in node.hidden}

    async def _report(self, node_id: str, step: int, steps: int, preview: Callable[[], Image]) -> None:
        self._bench.interruption.check()
        self._progress.step(node_id, step, steps)
        wanted = self._extra.get("preview_method") in _PREVIEW_METHODS
        frame = await asyncio.to_thread(_jpeg, preview) if wanted else b""
        if frame and self._hub.wants_metadata():
            node = ("node_id", "display_node_id", "real_node_id")
            about = dict.fromkeys(node, node_id) | {"prompt_id": self._prompt_id, "parent_node_id": None}
            self._hub.preview_with_metadata(frame, about)
        about = {"value": step, "max": steps, "prompt_id": self._prompt_id, "node": node_id}
        self._hub.to_audience("progress", about)
        if frame and not self._hub.wants_metadata():
            self._hub.preview(frame)

    def _show(self, node_id: str, shown: dict[str, Any] | None) -> None:
        if shown is not None:
            self.outputs[node_id] = shown
        if self._hub.audience is not None:
            about = {"node": node_id, "display_node": node_id, "output": shown, "prompt_id": self._prompt_id}
            self._hub.to_audience("executed", about)

    def _stop(self, event: str, details: dict[str, Any], *, broadcast: bool) -> None:
        self.success = False
        kind = self._prompt[details["node_id"]]["class_type"]
        about = {"node_id": details["node_id"], "node_type": kind, "executed": list(self._executed)}
        self._note(event, about | details, broadcast=broadcast)

    def _note(self, event: str, details: dict[str, Any], *, broadcast: bool = False) -> None:
        data = {"prompt_id": self._prompt_id, **details, "timestamp": int(time.time() * 1000)}
        self.messages.append((event, data))
        if self._hub.audience is not None or broadcast:
            self._hub.to_audience(event, data)


def _next(plan: Plan) -> str:
    node_id = plan.next()
    if node_id is None:
        raise _NodeFailedError(circle(plan.any_left()))
    return node_id


def _jpeg(paint: Callable[[], Image]) -> bytes:
    buffer = BytesIO()
    paint().save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue()

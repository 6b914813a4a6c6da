"""The one worker: takes prompts from the queue, runs them, writes the history, sees to /free."""

from __future__ import annotations

import logging
import time

from services.devstack.comfyui.runs import Runs, Span

from .execution import Execution, Workbench
from .history import History
from .prompt_queue import PromptQueue
from .types import QueueItem, public

log = logging.getLogger(__name__)


class Worker:
    """Runs one prompt at a time for ever, unless a tie in the queue kills it as it kills ComfyUI's thread."""

    def __init__(self, queue: PromptQueue, history: History, bench: Workbench, runs: Runs) -> None:
        self._queue = queue
        self._history = history
        self._bench = bench
        self._runs = runs

    async def work(self) -> None:
        """Serve the queue until cancelled or dead."""
        while True:
            await self._queue.waiting()
            await self._bench.faults.over(lambda faults: faults.wedged)
            try:
                taken = self._queue.take()
            except TypeError:
                log.exception("the worker died of a tie in the queue; nothing will run until a restart")
                return
            if taken is not None:
                await self._run(*taken)
            flags = self._queue.take_flags()
            if flags.get("free_memory"):
                self._bench.cache.clear()

    async def _run(self, item: QueueItem, ticket: int) -> None:
        prompt_id = item[1]
        self._runs.started[prompt_id] += 1
        began_s = time.monotonic()
        execution = Execution(item, self._bench)
        await execution.run()
        self._runs.spans.append(Span(prompt_id=prompt_id, began_s=began_s, ended_s=time.monotonic()))
        if execution.rendered:
            self._runs.rendered[prompt_id] += 1
        self._record(self._queue.finish(ticket), execution)
        self._queue.announce()
        if self._bench.hub.audience is not None:
            self._bench.hub.to_audience("executing", {"node": None, "prompt_id": prompt_id})

    def _record(self, item: QueueItem, execution: Execution) -> None:
        if self._bench.faults.history_lost:
            return
        meta = {
            node_id: {
                "node_id": node_id,
                "display_node": node_id,
                "parent_node": None,
                "real_node_id": node_id,
            }
            for node_id in execution.outputs
        }
        status = {
            "status_str": "success" if execution.success else "error",
            "completed": execution.success,
            "messages": [list(message) for message in execution.messages],
        }
        self._history.add(
            item[1], {"prompt": public(item), "outputs": execution.outputs, "status": status, "meta": meta}
        )

"""A simulated server without its network side: queue, history, worker, sockets, files."""

from __future__ import annotations

import asyncio

from .config import SimulatorConfig
from .engine.cache import OutputCache
from .engine.execution import Workbench
from .engine.history import History
from .engine.interruption import Interruption
from .engine.prompt_queue import PromptQueue
from .engine.worker import Worker
from .faults import Faults
from .folders import Folders
from .hub import Hub
from .installation import Installation
from .models import ModelShelf
from .nodes.library import library
from .runs import Runs


class Core:
    """What the routes act on. Blocking set-up happens in the constructor: make it off the event loop."""

    def __init__(self, config: SimulatorConfig) -> None:
        folders = Folders(config.base_dir)
        folders.prepare()
        self.config = config
        self.faults = Faults()
        self.runs = Runs()
        self.here = Installation(shelf=ModelShelf(config.without), folders=folders, gpus=config.gpus)
        self.library = library(self.here)
        self.hub = Hub(self.faults)
        self.queue = PromptQueue(self.tell_status)
        self.history = History()
        self.interruption = Interruption()
        self.next_number = 0
        self._cache = OutputCache(self.library, self.here)
        self._tasks: list[asyncio.Task[None]] = []

    def status(self) -> dict[str, object]:
        """Length of the queue, as GET /prompt and `status` events tell it."""
        return {"exec_info": {"queue_remaining": self.queue.remaining()}}

    def tell_status(self) -> None:
        """Tell every socket the length of the queue."""
        self.hub.tell("status", {"status": self.status()})

    def start(self) -> None:
        """Start the worker and the delivery to sockets."""
        bench = Workbench(
            hub=self.hub,
            library=self.library,
            here=self.here,
            cache=self._cache,
            interruption=self.interruption,
            faults=self.faults,
            step_s=self.config.step_s,
        )
        worker = Worker(self.queue, self.history, bench, self.runs)
        self._tasks = [
            asyncio.create_task(worker.work(), name="comfyui-worker"),
            asyncio.create_task(self.hub.publish(), name="comfyui-publish"),
        ]

    async def stop(self) -> None:
        """Drop every socket and whatever runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.hub.drop_all()

    async def restart(self) -> None:
        """Do what a crash and a restart do: queue, history, cache and sockets are lost; files stay."""
        await self.stop()
        self.queue.forget()
        self.history.clear()
        self._cache.clear()
        self.next_number = 0
        self.hub.audience = self.hub.current_node = None
        self.start()

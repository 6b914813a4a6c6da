"""Ending work at any pause it makes, and breaking any call it makes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Any, Literal
from uuid import UUID

import aiohttp

from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.transport import Transport
from services.renderer.errors import BackendCutError

_life: ContextVar[Life | None] = ContextVar("life", default=None)

Moment = Literal["before", "after"]


class Life:
    """
    The pauses of some work and of all tasks that it makes, counted together.

    Attributes:
        pauses: How many there were.
        last: At which the whole work is cancelled where it stands, as a process that is killed there.
    """

    def __init__(self, last: int) -> None:
        self.pauses = 0
        self.last = last
        self._task: asyncio.Task[None] | None = None

    async def live(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do *work*; whether it was over before the last pause."""
        loop = asyncio.get_running_loop()
        before = loop.get_task_factory()
        loop.set_task_factory(_counting)
        token = _life.set(self)
        try:
            self._task = asyncio.create_task(work)
        finally:
            _life.reset(token)
        try:
            with suppress(asyncio.CancelledError):
                await self._task
        finally:
            loop.set_task_factory(before)
        return self.pauses < self.last

    def pause(self) -> None:
        """The work pauses."""
        self.pauses += 1
        if self.pauses == self.last and self._task is not None:
            self._task.cancel()


class _Counted:
    """An awaitable that does what another does, and tells a life of each pause."""

    def __init__(self, work: Coroutine[Any, Any, Any], life: Life) -> None:
        self._work = work
        self._life = life

    def __await__(self) -> Generator[Any, Any, Any]:
        error: BaseException | None = None
        while True:
            try:
                pause = self._work.send(None) if error is None else self._work.throw(error)
            except StopIteration as stop:
                return stop.value
            self._life.pause()
            error = None
            try:
                yield pause
            except BaseException as exc:  # noqa: BLE001 - whatever it is, it is the work's to see
                error = exc


def _counting(
    loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any
) -> asyncio.Task[Any]:
    life = _life.get()
    if life is None:
        return asyncio.Task(work, loop=loop, **options)

    async def counted() -> Any:
        return await _Counted(work, life)

    return asyncio.Task(counted(), loop=loop, **options)


class Breaker:
    """
    Notes the calls to a backend, and breaks one of them.

    Attributes:
        routes: What was called, in order.
        nth: Which call breaks: before it gets there, or after it took effect and before its answer is back.
        is_away: No call gets there.
    """

    def __init__(self, nth: int = 0, moment: Moment = "before") -> None:
        self.routes: list[str] = []
        self.nth = nth
        self.is_away = False
        self._moment = moment

    def connect(self, session: aiohttp.ClientSession, tunnel_url: str, backend: str, chain: UUID) -> ComfyUI:
        """ComfyUI on a backend, on a line that breaks."""
        return ComfyUI(_Broken(self, session, tunnel_url, backend, chain))

    def begins(self, route: str) -> bool:
        """A call; whether its answer is to get lost. Raises when it does not even get there."""
        self.routes.append(route)
        breaks = len(self.routes) == self.nth
        if self.is_away or (breaks and self._moment == "before"):
            raise BackendCutError
        return breaks


class _Broken(Transport):
    def __init__(self, breaker: Breaker, *rest: Any) -> None:
        super().__init__(*rest)
        self._breaker = breaker

    @asynccontextmanager
    async def opened(self, method: str, route: str, **options: Any) -> AsyncGenerator[aiohttp.ClientResponse]:
        breaks = self._breaker.begins(f"{method} {route}")
        async with super().opened(method, route, **options) as response:
            if breaks:
                await response.read()
                raise BackendCutError
            yield response

    @asynccontextmanager
    async def socket(self, route: str, params: Any) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
        breaks = self._breaker.begins(route)
        async with super().socket(route, params) as socket:
            if breaks:
                raise BackendCutError
            yield socket

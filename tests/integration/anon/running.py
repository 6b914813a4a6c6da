"""An anon of our own at a private network."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from services.tunnel.anon.anon import Anon
from services.tunnel.anon.anonrc import AnonPlan
from services.tunnel.anon.life import Life
from tests.anonnet.shared import SharedNetwork
from tests.anonnet.socks import reply
from tests.servers import eventually

DEADLINE_S = 60.0


def plan(network: SharedNetwork, folder: Path, *more: str, **changed: Any) -> AnonPlan:
    """A client of *network*, with *more* in what the operator adds."""
    values = {
        "binary": network.binary,
        "data_dir": folder / "anon data",
        "extra": "\n".join([*network.config_lines, *more]),
        "agreed": True,
    }
    return AnonPlan(**(values | changed))


class Running:
    """An anon that is being kept alive, and everything that its life has been."""

    def __init__(self, anon: Anon) -> None:
        self.anon = anon
        self.lives: list[Life] = []
        self._stopping = asyncio.Event()
        anon.watch(self.lives.append)
        self._task = asyncio.create_task(anon.run(self._stopping))

    async def until(self, **attributes: object) -> Life:
        """The first life, from now or earlier, with these attributes."""

        async def seen() -> Life | None:
            if self._task.done():
                self._task.result()
            for life in self.lives:
                if all(getattr(life, name) == value for name, value in attributes.items()):
                    return life
            return None

        found = await eventually(seen, timeout_s=DEADLINE_S)
        assert found is not None
        return found

    async def stop(self) -> None:
        """Have it ended in order."""
        self._stopping.set()
        await asyncio.wait_for(self._task, DEADLINE_S)

    async def reply(self, host: str, port: int, user: str = "somebody") -> int:
        """What its SOCKS port replies."""
        return await asyncio.to_thread(reply, self.anon.socks[1], host, port, user=user)

    async def until_reply(self, expected: int, host: str, port: int) -> None:
        """Wait until it replies that; each time over another circuit."""
        tries = iter(range(10_000))

        async def replies() -> bool:
            return expected == await self.reply(host, port, f"user-{next(tries)}")

        await eventually(replies, timeout_s=DEADLINE_S)


@asynccontextmanager
async def running(planned: AnonPlan, **options: float) -> AsyncGenerator[Running]:
    """An anon while the block runs."""
    run = Running(await Anon.planned(planned, **options))
    try:
        yield run
    finally:
        await run.stop()


@asynccontextmanager
async def target() -> AsyncGenerator[int]:
    """A server on loopback that takes connections and keeps them; yields its port."""
    over, kept = asyncio.Event(), set[asyncio.Task[None] | None]()

    async def keep(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept.add(asyncio.current_task())
        await over.wait()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    async with server:
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            over.set()
            await asyncio.gather(*filter(None, kept))


def is_alive(pid: int) -> bool:
    """Whether a process still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]

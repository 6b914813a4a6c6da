"""For aiohttp: a resolver that asks for the names it was given, and for nothing else."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult


class NameRefusedError(OSError):
    """A name that nobody may be asked for; nobody was."""


class OnlyNames(AbstractResolver):
    """Resolves *names* as usual; ``localhost`` is always one of them."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = {"localhost", *(name.lower() for name in names)}
        self._inner = ThreadedResolver()

    async def resolve(  # noqa: D102 - as inherited
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host.lower() not in self._names:
            raise NameRefusedError("a name that may not be looked up here")
        return await self._inner.resolve(host, port, family)

    async def close(self) -> None:  # noqa: D102 - as inherited
        await self._inner.close()

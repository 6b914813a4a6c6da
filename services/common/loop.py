"""The event loop of every service: uvloop's, which tells the guard what it does below Python."""

from __future__ import annotations

from typing import Any

import uvloop

from services.common.canary.guard import guarding
from services.common.canary.proc_net import canonical


class WatchedLoop(uvloop.Loop):
    """
    Resolves and connects as its base does.

    libuv asks the system's resolver and connects without an audit event of Python's; these methods are all
    through which that is asked of it.
    """

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:  # noqa: D102 - as inherited
        guard = guarding()
        if guard is not None:
            guard.note_name(host)
        found: list[Any] = await super().getaddrinfo(host, port, **options)
        if guard is not None and guard.is_told(host):
            guard.told |= {(canonical(info[4][0]), int(info[4][1])) for info in found}
        return found

    async def create_connection(  # noqa: D102 - as inherited
        self, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any
    ) -> Any:
        guard = guarding()
        if guard is not None and host is not None:
            guard.note_address((host, port))
        made: Any = await super().create_connection(protocol_factory, host, port, **options)
        if guard is not None and guard.is_told(host):
            peer = made[0].get_extra_info("peername")
            guard.told.add((canonical(peer[0]), int(peer[1])))
        return made

    async def create_datagram_endpoint(  # noqa: D102 - as inherited
        self, protocol_factory: Any, local_addr: Any = None, remote_addr: Any = None, **options: Any
    ) -> Any:
        guard = guarding()
        if guard is not None and remote_addr is not None:
            guard.note_address(remote_addr)
        return await super().create_datagram_endpoint(
            protocol_factory, local_addr=local_addr, remote_addr=remote_addr, **options
        )

"""The guard's listening side: a socket in the file system, which only this user and ``anon`` can reach."""

from __future__ import annotations

import os
from pathlib import Path

from aiohttp import web

from services.tunnel.listener import Listener
from services.tunnel.proxy import Proxy


class SocketListener(Listener):
    """Serves a proxy at the socket *path*, in a folder that is closed to others before it is made."""

    def __init__(self, proxy: Proxy, path: Path) -> None:
        super().__init__(proxy, "", 0)
        self._path = path

    def _made(self, runner: web.ServerRunner) -> web.BaseSite:
        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        self._path.unlink(missing_ok=True)  # of a host that was killed
        return web.UnixSite(runner, self._path)

    def _bound(self, runner: web.ServerRunner) -> int:  # noqa: ARG002 - as `Listener`
        os.chmod(self._path, 0o600)  # noqa: PTH101 - a socket
        return 0

    def _trouble(self, exc: OSError) -> str:
        return f"The guard can't listen at {self._path} ({exc.strerror}). Choose another DARKROOM_HOME."

"""The web chat as it runs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from services.devstack.ports import HOST, free_port
from services.ingress.web.main import main
from tests.integration.ingress.running import Running
from tests.servers import NatsServer, eventually


def environment(nats_url: str, key_file: Path) -> dict[str, str]:
    """The service's variables."""
    return {
        "NATS_URL": nats_url,
        "DARKROOM_KEY_FILE": str(key_file),
        "DARKROOM_WEB_PORT": str(free_port()),
        "HEALTH_PORT": str(free_port()),
    }


def page_url(environ: Mapping[str, str]) -> str:
    """Where the page is."""
    return f"http://{HOST}:{environ['DARKROOM_WEB_PORT']}"


class WebChat(Running):
    """The service, and its page."""

    @property
    def url(self) -> str:
        """Where the page is."""
        return page_url(self.environ)

    async def is_serving(self) -> bool:
        """Whether the page is there; raises what ended the service."""
        if self.task.done():
            self.task.result()
        try:
            async with aiohttp.ClientSession() as http, http.get(self.url) as response:
                return response.status == 200
        except aiohttp.ClientConnectionError:
            return False


@asynccontextmanager
async def serving(nats: NatsServer, key_file: Path, **more: str) -> AsyncGenerator[WebChat]:
    """The service while the block runs, its page being served."""
    environ = environment(nats.urls["ingress-web"], key_file) | more
    async with WebChat(main, environ) as web:
        await eventually(web.is_serving)
        yield web

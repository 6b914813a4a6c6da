"""Each code of the tunnel means the same to the renderer: above all, whether anything was sent."""

from __future__ import annotations

import inspect
from uuid import uuid4

import pytest
from aiohttp import web

from services.common.errors import ServiceError
from services.common.health import serving_app
from services.renderer import errors as renderer
from services.renderer.comfyui.transport import Transport
from services.renderer.service import new_session
from services.tunnel import errors as tunnel

NOTHING_WAS_SENT = {
    "tunnel-down": renderer.TunnelDownError,
    "route-refused": renderer.RouteRefusedError,
    "body-refused": renderer.RouteRefusedError,
    "address-refused": renderer.BackendDownError,
    "backend-unknown": renderer.BackendDownError,
    "backend-refused": renderer.BackendDownError,
    "backend-unreachable": renderer.BackendDownError,
    "backend-not-published": renderer.BackendDownError,
    "backend-key-missing": renderer.BackendDownError,
    "backend-key-refused": renderer.BackendDownError,
    "too-many-requests": renderer.BackendDownError,
    "too-many-open": renderer.BackendDownError,
}
IT_MAY_HAVE_TAKEN_EFFECT = {
    "backend-timeout": renderer.BackendCutError,
    "backend-cut": renderer.BackendCutError,
    # Of the host's own routes, which are asked otherwise; anywhere else the cautious reading is right.
    "body-too-large": renderer.BackendCutError,
    "prompt-busy": renderer.BackendCutError,
}
MEANINGS = NOTHING_WAS_SENT | IT_MAY_HAVE_TAKEN_EFFECT


def tunnel_errors() -> dict[str, type[ServiceError]]:
    """The tunnel's errors by code, without those that are only bases."""
    kinds = [
        kind for _, kind in inspect.getmembers(tunnel, inspect.isclass) if issubclass(kind, ServiceError)
    ]
    return {kind.code: kind for kind in kinds if "code" in vars(kind) and kind.__module__ == tunnel.__name__}


def test_every_code_has_a_meaning() -> None:
    """A code that is added to the tunnel has to be added here, and thought about."""
    assert MEANINGS.keys() == tunnel_errors().keys()


@pytest.mark.parametrize("code", sorted(MEANINGS))
async def test_the_renderer_reads_it_so(code: str) -> None:
    """Exactly that class: a cut is a kind of being down, and the difference is whether it is asked again."""

    async def answer(_: web.Request) -> web.Response:
        status = getattr(tunnel_errors()[code], "status", 502)
        return web.Response(status=status, headers={tunnel.ERROR_HEADER: code})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with serving_app(app, "127.0.0.1", 0) as port, new_session() as session:
        transport = Transport(session, f"http://127.0.0.1:{port}", "gpu", uuid4())
        with pytest.raises(ServiceError) as caught:
            await transport.ask("GET", "/queue")

    assert MEANINGS[code] is type(caught.value)
    assert code == caught.value.code

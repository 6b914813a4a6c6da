"""The web application of a simulated server: every route twice, as ComfyUI has them."""

from __future__ import annotations

from aiohttp import web

from .core import Core
from .guard import same_origin
from .routes.facts import FactRoutes
from .routes.faults import FaultRoutes
from .routes.jobs import JobRoutes
from .routes.prompt import PromptRoutes
from .routes.queue import QueueRoutes
from .routes.sockets import SocketRoutes
from .routes.upload import UploadRoutes
from .routes.view import ViewRoutes


def build_app(core: Core) -> web.Application:
    """Application over *core*. Bodies past the limit get 413 from aiohttp, as they do on the real server."""
    app = web.Application(client_max_size=core.config.max_body_bytes, middlewares=[same_origin])
    tables = (
        FactRoutes(core).table(),
        JobRoutes(core).table(),
        PromptRoutes(core).table(),
        QueueRoutes(core).table(),
        SocketRoutes(core).table(),
        UploadRoutes(core).table(),
        ViewRoutes(core).table(),
    )
    routes = [route for table in tables for route in table]
    app.add_routes([web.RouteDef(one.method, f"/api{one.path}", one.handler, one.kwargs) for one in routes])
    app.add_routes(routes)
    if core.config.faults_route:
        app.add_routes(FaultRoutes(core).table())
    return app

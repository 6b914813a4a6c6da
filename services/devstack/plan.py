"""The services of one stack as programs: who needs whom, and what each is told."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from services.devstack import readiness
from services.devstack.environment import for_program, for_service
from services.devstack.ports import HOST, free_port
from services.devstack.program import Program
from services.ingress.telegram.config import Settings as TelegramSettings
from services.ingress.web.config import Settings as WebSettings
from services.orchestrator.config import Settings as OrchestratorSettings
from services.renderer.config import Settings as RendererSettings
from services.tunnel.config import Settings as TunnelSettings

SIMULATOR = "simulator"


class Wiring(Struct, frozen=True, kw_only=True):
    """
    Where the parts of one stack find each other.

    Attributes:
        home: Data directory.
        environ: The operator's environment.
        key_file: The root key.
        database_url: For the orchestrator.
        nats_urls: By service.
        backends: Address by name.
        simulator_port: 0 when real backends are given.
        tunnel_port: The tunnel's local end.
        web_port: The web chat.
        servers: Names of the embedded servers, which the services need first.
    """

    home: Path
    environ: Mapping[str, str]
    key_file: str
    database_url: str
    nats_urls: dict[str, str]
    backends: dict[str, str]
    simulator_port: int
    tunnel_port: int
    web_port: int
    servers: tuple[str, ...]

    @property
    def tunnel_url(self) -> str:
        """The tunnel's local end."""
        return f"http://{HOST}:{self.tunnel_port}"


def services(wiring: Wiring) -> list[Program]:
    """Every service of the stack, and the simulator when there is no backend."""
    simulated = (SIMULATOR,) if wiring.simulator_port else ()
    settled = ("orchestrator",)  # it declares the streams, and makes the tables
    programs = [
        _service(wiring, "orchestrator", OrchestratorSettings, needs=wiring.servers),
        _service(wiring, "tunnel", TunnelSettings, needs=simulated),
        _service(wiring, "renderer", RendererSettings, needs=(*settled, "tunnel")),
        _service(wiring, "ingress-web", WebSettings, needs=settled),
    ]
    if wiring.simulator_port:
        programs.insert(0, _simulator(wiring))
    if wiring.environ.get("TELEGRAM_TOKEN") or wiring.environ.get("TELEGRAM_TOKEN_FILE"):
        programs.append(_service(wiring, "ingress-telegram", TelegramSettings, needs=settled))
    return programs


def _service(wiring: Wiring, name: str, settings: type[Struct], *, needs: tuple[str, ...]) -> Program:
    package, _, channel = name.partition("-")
    port = free_port()
    own = {
        "DARKROOM_HOME": str(wiring.home),
        "DARKROOM_KEY_FILE": wiring.key_file,
        "DATABASE_URL": wiring.database_url,
        "NATS_URL": wiring.nats_urls.get(name, ""),
        "DARKROOM_BACKENDS": ",".join(f"{backend}={url}" for backend, url in wiring.backends.items()),
        # The only mode that reaches a backend on this machine; the tunnel refuses it for any other.
        "DARKROOM_TUNNEL": wiring.environ.get("DARKROOM_TUNNEL") or "direct",
        "TUNNEL_HOST": HOST,
        "TUNNEL_PORT": str(wiring.tunnel_port),
        "TUNNEL_URL": wiring.tunnel_url,
        "DARKROOM_WEB_PORT": str(wiring.web_port),
        "HEALTH_HOST": HOST,
        "HEALTH_PORT": str(port),
    }
    return Program(
        name=name,
        argv=_python(f"services.{package}", *filter(None, [channel])),
        environ=for_service(settings, wiring.environ, own),
        cwd=wiring.home,
        ready=readiness.readyz(port),
        needs=needs,
        health_port=port,
    )


def _simulator(wiring: Wiring) -> Program:
    port = wiring.simulator_port
    folder = wiring.home / "simulator"
    more = shlex.split(wiring.environ.get("DARKROOM_SIMULATOR_ARGS", ""))
    return Program(
        name=SIMULATOR,
        argv=_python("services.devstack.comfyui", "--port", str(port), "--dir", str(folder), *more),
        environ=for_program(wiring.environ),
        cwd=wiring.home,
        ready=readiness.answers(port, "/system_stats"),
    )


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    # -P: a file in the data directory must not pass for a module.
    return (sys.executable, "-P", "-m", module, *arguments)

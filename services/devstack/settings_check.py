"""What the services would refuse to start with, said before anything is started."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.common.config import read_settings
from services.common.keys import read_keyring
from services.devstack.program import Program
from services.ingress.telegram.allow_list import read_allow_list
from services.ingress.telegram.config import Settings as TelegramSettings
from services.ingress.telegram.via import door
from services.ingress.web.config import Settings as WebSettings
from services.orchestrator.config import Settings as OrchestratorSettings
from services.renderer.catalogue import OWN, read_catalogue
from services.renderer.config import Settings as RendererSettings
from services.tunnel.authority import parse_allowed, require_anon
from services.tunnel.backends import parse_backends
from services.tunnel.config import Settings as TunnelSettings
from services.tunnel.loopback import require_loopback

Environ = Mapping[str, str]


def check(program: Program) -> None:
    """
    Read the settings of *program* as it will itself; a program that has none passes.

    Raises:
        ConfigError: The service's own sentence.
    """
    if (read := _READERS.get(program.name)) is not None:
        read(program.environ)


def _orchestrator(environ: Environ) -> None:
    read_keyring(read_settings(OrchestratorSettings, environ).darkroom_key_file)


def _tunnel(environ: Environ) -> None:
    settings = read_settings(TunnelSettings, environ)
    require_anon(parse_allowed(settings.tunnel_connect_allow), settings.darkroom_tunnel)
    backends = parse_backends(settings.darkroom_backends).values()
    if settings.darkroom_tunnel == "direct":
        require_loopback(backends, localhost=["127.0.0.1"])  # the tunnel itself asks what it really means


def _renderer(environ: Environ) -> None:
    settings = read_settings(RendererSettings, environ)
    settings.backends()
    read_catalogue([OWN, *settings.workflow_folders()])


def _web(environ: Environ) -> None:
    read_settings(WebSettings, environ)


def _telegram(environ: Environ) -> None:
    settings = read_settings(TelegramSettings, environ)
    read_allow_list(settings.allow)
    door(settings)


_READERS: Mapping[str, Callable[[Environ], None]] = {
    "orchestrator": _orchestrator,
    "tunnel": _tunnel,
    "renderer": _renderer,
    "ingress-web": _web,
    "ingress-telegram": _telegram,
}

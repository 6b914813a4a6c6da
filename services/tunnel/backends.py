"""The backends that an operator named in ``DARKROOM_BACKENDS``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from services.common.errors import ConfigError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
# Stricter than any URL parser: two parsers never read the same text differently if only one shape is let in.
_URL = re.compile(
    r"http://(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+))(?::(?P<port>[0-9]{1,5}))?/?"
)
_REMEDY = "Write it as name=http://host:port, like gpu=http://127.0.0.1:8188; several separated by commas."


TLDS = frozenset({"anon", "anyone", "onion"})
"""Of hidden services, in every release there is."""

_HIDDEN_SERVICE_PORT = "80"
"""Unless another is named: the one at which ``darkroom tunnel host`` publishes."""


class Backend(Struct, frozen=True, kw_only=True):
    """One ComfyUI server."""

    name: str
    host: str
    """A name or a literal address, IPv6 without brackets."""
    port: int

    @property
    def is_hidden_service(self) -> bool:
        """Its address says so; whether it is a sound one is looked at where it is used."""
        return _is_hidden_service(self.host)

    @property
    def origin(self) -> str:
        """Scheme, host and port, to which a path is appended."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def parse_backends(text: str, source: str = "DARKROOM_BACKENDS") -> Mapping[str, Backend]:
    """
    Read ``name=url,…`` into backends by name.

    Args:
        text: What the operator wrote.
        source: Where, for the error.

    Raises:
        ConfigError: Names the entry, what is wrong with it and how to write it. A URL is never repeated in
            the message, since a wrong one may hold a password.
    """
    backends: dict[str, Backend] = {}
    for number, entry in enumerate(text.split(","), start=1):
        name, equals, url = entry.strip().partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise ConfigError(
                f"{source}, entry {number}: it begins with no name, which has up to 32 of a-z, 0-9 and -. "
                f"{_REMEDY}"
            )
        if name in backends:
            raise ConfigError(f"{source} names {name!r} twice. Give each backend its own name.")
        backends[name] = _parse_backend(name, url, source)
    return backends


def _parse_backend(name: str, url: str, source: str) -> Backend:
    found = _URL.fullmatch(url)
    host = (found["six"] or found["host"]).lower() if found else ""
    usual = _HIDDEN_SERVICE_PORT if _is_hidden_service(host) else ""
    if found is None or not (found["port"] or usual):
        raise ConfigError(
            f"{source}, backend {name!r}: the URL must be http with a host and a port, and without path, "
            f"query or password. {_REMEDY}"
        )
    port = int(found["port"] or usual)
    if not 1 <= port <= 65535:
        raise ConfigError(f"{source}, backend {name!r}: port {port} is not in 1 to 65535. {_REMEDY}")
    return Backend(name=name, host=host, port=port)


def _is_hidden_service(host: str) -> bool:
    return host.rpartition(".")[2] in TLDS

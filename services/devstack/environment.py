"""What each program finds in its environment: what it needs, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

# For Python and the system's libraries. No proxy variables: what leaves, leaves through the tunnel.
_SYSTEM = (
    *("PATH", "PYTHONPATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "LOG_LEVEL"),
)


def for_service(settings: type[Struct], environ: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """
    The whole environment of a service.

    Args:
        settings: The struct that the service reads its environment into; nothing that it does not name
            is passed on.
        environ: The operator's environment. ``<NAME>_FILE`` stands for ``<NAME>``.
        own: What the stack sets for it, which comes before the operator's.
    """
    passed = for_program(environ)
    for field in msgspec.structs.fields(settings):
        name = field.encode_name
        if name in own:
            passed[name] = own[name]
        elif value := environ.get(name):
            passed[name] = value
        elif file := environ.get(f"{name}_FILE"):
            passed[f"{name}_FILE"] = file
    return passed


def for_program(environ: Mapping[str, str]) -> dict[str, str]:
    """The least environment that a Python program runs in."""
    return {name: environ[name] for name in _SYSTEM if environ.get(name)}

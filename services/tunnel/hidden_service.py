"""Addresses of hidden services, and which names may be told to the network at all. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping

from msgspec.structs import replace

from services.common.errors import ConfigError
from services.tunnel.backends import Backend
from services.tunnel.errors import AddressRefusedError

TLDS = frozenset({"anon", "anyone", "onion"})
"""Of every release there is: to any other than its own a binary asks the public DNS, through an exit."""

_LABEL = re.compile(r"[a-z2-7]{56}")
_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{1,63}")
_VERSION = 3
_ALIAS_FILES = {"anon": "anons", "anyone": "anyone_hosts"}


def alias_file(tld: str) -> str | None:
    """The file in ``anon``'s data directory with names for addresses; tor has none."""
    return _ALIAS_FILES.get(tld)


def parse_aliases(text: str, tld: str) -> Mapping[str, str]:
    """
    Addresses by alias, out of lines ``name.tld <56>.tld``.

    What else stands in the file is passed over, as ``anon`` does: it may be of another release.
    """
    aliases: dict[str, str] = {}
    for line in text.splitlines():
        name, _, address = line.strip().lower().partition(" ")
        if name.endswith(f".{tld}") and not fault(address.strip(), tld):
            aliases.setdefault(name, address.strip())
    return aliases


def fault(host: str, tld: str) -> str:
    """What is wrong with *host* as a hidden service's address below *tld*; empty when it is one."""
    name, _, last = host.rpartition(".")
    if last != tld:
        if last in TLDS:
            return f"it ends in .{last}, and this network's addresses end in .{tld}"
        return f"it is no hidden service: those end in .{tld}"
    if not _NAME.fullmatch(host):
        return "it holds something that is no name"
    label = name.rpartition(".")[2]
    if not _LABEL.fullmatch(label):
        return f"before .{tld} have to stand 56 of a-z and 2-7, and there are {len(label)} characters"
    return "" if _is_sound(label, tld) else "its checksum is wrong: it is mistyped, or of another network"


def with_addresses(
    backends: Mapping[str, Backend], tld: str, aliases: Mapping[str, str]
) -> Mapping[str, Backend]:
    """
    *backends* with aliases replaced by what they stand for: an alias itself is told to nobody.

    Raises:
        ConfigError: Names the backend whose host is no hidden service, what is wrong and what to do.
    """
    return {name: _with_address(backend, tld, aliases) for name, backend in backends.items()}


def require_address(host: str, tld: str) -> None:
    """
    The last look at a backend's host, before it is told to the network.

    Raises:
        AddressRefusedError: It is no hidden service's address below *tld*.
    """
    if wrong := fault(host, tld):
        raise AddressRefusedError(f"The backend's address may not be asked for: {wrong}.")


def require_reachable(host: str, tld: str) -> None:
    """
    The same for any host that is reached through an exit, by a name of the public DNS, or is an address.

    Raises:
        AddressRefusedError: It is a hidden service's name that only an exit's DNS server would come to see.
    """
    if host.lower().rstrip(".").rpartition(".")[2] in TLDS:
        require_address(host, tld)


def _with_address(backend: Backend, tld: str, aliases: Mapping[str, str]) -> Backend:
    host = aliases.get(backend.host, backend.host)
    wrong = fault(host, tld)
    if not wrong:
        return replace(backend, host=host)
    known = alias_file(tld)
    also = f", or name an alias that stands in the file {known} of anon's data directory" if known else ""
    raise ConfigError(
        f"DARKROOM_BACKENDS, backend {backend.name!r}: {backend.host} can't be used with "
        f"DARKROOM_TUNNEL=anon: {wrong}. Copy the address that `darkroom tunnel host` printed on the "
        f"backend's machine, as http://<56 characters>.{tld}:80{also}. A backend on this machine needs "
        "DARKROOM_TUNNEL=direct."
    )


def _is_sound(label: str, tld: str) -> bool:
    try:
        data = base64.b32decode(label.upper())
    except binascii.Error:
        return False
    key, checksum, version = data[:32], data[32:34], data[34]
    wanted = hashlib.sha3_256(f".{tld} checksum".encode() + key + bytes([version])).digest()[:2]
    return version == _VERSION and checksum == wanted

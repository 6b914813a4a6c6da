"""The head of a CONNECT request, read strictly. Nothing but the target is taken from it."""

from __future__ import annotations

import re

from services.tunnel.authority import Authority, parse_authority
from services.tunnel.errors import RouteRefusedError

HEAD_END = b"\r\n\r\n"
HEAD_MOST_BYTES = 8 * 1024

_REQUEST = re.compile(r"CONNECT (?P<target>[!-~]+) HTTP/1\.[01]")
_FIELD = re.compile(r"(?P<name>[A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*(?P<value>[\t -~]*)")
# A body has no meaning here; whoever announces one may read what follows otherwise than we do.
_BODY = frozenset({"content-length", "transfer-encoding", "upgrade", "expect"})


def parse_head(head: bytes) -> Authority:
    """
    The target of *head*, which ends with its empty line.

    Raises:
        RouteRefusedError: It is no CONNECT, or could be read in two ways.
    """
    if len(head) > HEAD_MOST_BYTES:
        raise RouteRefusedError(f"A head has {HEAD_MOST_BYTES} bytes at most.")
    try:
        request, *fields = head.removesuffix(HEAD_END).decode("ascii").split("\r\n")
    except UnicodeDecodeError as exc:
        raise RouteRefusedError("The request's head is not ASCII.") from exc
    found = _REQUEST.fullmatch(request)
    if found is None:
        raise RouteRefusedError("This port takes CONNECT and nothing else.")
    target = parse_authority(found["target"])
    for line in fields:
        field = _FIELD.fullmatch(line)
        if field is None:
            raise RouteRefusedError("A header is not written as HTTP has it.")
        name, value = field["name"].lower(), field["value"].strip()
        if name in _BODY:
            raise RouteRefusedError(f"CONNECT takes no {field['name']}.")
        if name == "host" and _host(value, target) != target:
            raise RouteRefusedError("The Host header names another place than the target.")
    return target


def _host(value: str, target: Authority) -> Authority:
    """What a Host header names; clients leave out a port that is their scheme's."""
    try:
        return parse_authority(value)
    except RouteRefusedError:
        return parse_authority(f"{value}:{target.port}")

"""No line of the tunnel opens a connection but those that are looked at here."""

from __future__ import annotations

import ast
from pathlib import Path

from services.tunnel import __file__ as package

ROOT = Path(package).parent

OPENERS = frozenset(
    {
        *("TCPConnector", "UnixConnector", "NamedPipeConnector", "ProxyConnector", "ChainProxyConnector"),
        *("ClientSession", "Proxy", "open_connection", "open_unix_connection", "create_connection"),
        *("create_unix_connection", "create_datagram_endpoint", "sock_connect", "connect_tcp", "urlopen"),
    }
)
HOMES = {
    "upstream.py": {"ClientSession"},  # over whichever connector it is given
    "ways.py": {"TCPConnector"},  # whose sockets are made by `loopback_socket`
    "socks.py": {"ProxyConnector", "Proxy"},
}


def openers(path: Path) -> set[str]:
    """Names of *path* by which it could open connections, the proxy's own class apart."""
    tree = ast.parse(path.read_text())
    ours = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    ours |= {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("services.")
        for alias in node.names
    }
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    bases = {
        getattr(base, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    }
    return ((called | bases) & OPENERS) - ours


def test_connections_are_opened_in_three_places() -> None:
    """To loopback, by SOCKS, and over one of the two: whoever adds a fourth has to say so here."""
    found = {
        path.relative_to(ROOT).as_posix(): names for path in ROOT.rglob("*.py") if (names := openers(path))
    }

    assert HOMES == found


def test_the_session_has_no_connector_of_its_own() -> None:
    """Left out, aiohttp would make one that goes anywhere."""
    tree = ast.parse((ROOT / "upstream.py").read_text())
    (session,) = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ClientSession"
    ]

    assert {"connector", "trust_env"} <= {keyword.arg for keyword in session.keywords}

"""For every level: no settings and no proxies of whoever runs the tests, no sockets in unit tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

UNIT = Path(__file__).parent / "unit"
LONGEST = Path(__file__).parent / "integration" / "egress_netns"
_NETWORKS = {"anon_network", "tor_network", "network"}

# The one exception: which anon the private networks are made of (tests/anonnet/binaries.py).
if _given := os.environ.get("ANON_BINARY"):
    os.environ["TEST_ANON_BINARY"] = _given

for _name in list(os.environ):
    _ours = _name.startswith(("DARKROOM_", "TELEGRAM_", "ANON_", "TUNNEL_", "NATS_", "DATABASE_"))
    if _ours or _name.lower().endswith("_proxy"):
        del os.environ[_name]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    A unit test that opens a socket fails; those on a private network come last, the longest one first.

    A network of relays takes its share of the processor for as long as it is held, used or not.
    """
    for item in items:
        if UNIT in item.path.parents:
            item.add_marker(pytest.mark.disable_socket)
    items.sort(key=lambda item: (LONGEST not in item.path.parents, _is_on_a_network(item)))


def _is_on_a_network(item: pytest.Item) -> bool:
    return not _NETWORKS.isdisjoint(getattr(item, "fixturenames", ()))

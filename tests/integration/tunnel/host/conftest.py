"""Private networks for this folder."""

from __future__ import annotations

from tests.anonnet.fixtures import anon_network, network, session_folder, tor_network

__all__ = ["anon_network", "network", "session_folder", "tor_network"]

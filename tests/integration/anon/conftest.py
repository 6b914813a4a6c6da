"""Private networks for this folder."""

from tests.anonnet.fixtures import anon_network, fragile_network, network, session_folder, tor_network

__all__ = ["anon_network", "fragile_network", "network", "session_folder", "tor_network"]

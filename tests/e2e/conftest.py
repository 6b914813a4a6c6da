"""One Darkroom for the tests that leave it whole; those that harm it start their own."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.anonnet.fixtures import anon_network, network, session_folder, tor_network
from tests.e2e.darkroom import Darkroom, running_darkroom

__all__ = ["anon_network", "network", "session_folder", "tor_network"]


@pytest.fixture
def home() -> Generator[Path]:
    """A data directory that Postgres's own user can reach, unlike pytest's."""
    with tempfile.TemporaryDirectory(prefix="darkroom-e2e-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def darkroom() -> Generator[Darkroom]:
    """The session's Darkroom, with the simulator at its usual speed."""
    with tempfile.TemporaryDirectory(prefix="darkroom-e2e-") as name, running_darkroom(Path(name)) as running:
        yield running

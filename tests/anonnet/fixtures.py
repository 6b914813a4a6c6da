"""
Fixtures of private networks. A folder's ``conftest.py`` imports those it needs.

``network`` runs a test once for each flavour; ``anon_network`` and ``tor_network`` are one flavour each. They
are started once for a whole run of the tests, by whichever process needs one first.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.anonnet.binaries import PROGRAMS, Program, binaries_or_skip
from tests.anonnet.shared import SharedNetwork, shared_network

SHARED_FOLDER = "ANONNET_SHARED"
"""Names a folder: runs of pytest that are given the same one share their networks, for work by hand."""


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that pytest-xdist's workers have in common."""
    own = tmp_path_factory.getbasetemp()
    if given := os.environ.get(SHARED_FOLDER):
        return Path(given)
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def anon_network(session_folder: Path) -> Generator[SharedNetwork]:
    """A network of the real anon."""
    yield from _held("anon", session_folder)


@pytest.fixture(scope="session")
def tor_network(session_folder: Path) -> Generator[SharedNetwork]:
    """A network of Debian's tor."""
    yield from _held("tor", session_folder)


@pytest.fixture(scope="session", params=PROGRAMS)
def network(request: pytest.FixtureRequest) -> SharedNetwork:
    """One network of each flavour in turn."""
    return request.getfixturevalue(f"{request.param}_network")


@pytest.fixture
def fragile_network(tmp_path: Path) -> Generator[SharedNetwork]:
    """A network of anon of this test's own, whose nodes it may kill. It takes half a minute to start."""
    with shared_network(binaries_or_skip("anon"), tmp_path) as held:
        yield held


def _held(program: Program, folder: Path) -> Generator[SharedNetwork]:
    with shared_network(binaries_or_skip(program), folder) as held:
        yield held

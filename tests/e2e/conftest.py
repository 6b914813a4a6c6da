"""One Darkroom for the tests that leave it whole; those that harm it start their own."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from services.devstack import data_dir, postgres
from tests.anonnet.fixtures import anon_network, network, session_folder, tor_network
from tests.e2e.browser import running_chromium
from tests.e2e.darkroom import Darkroom, running_darkroom

__all__ = ["anon_network", "network", "session_folder", "tor_network"]


@contextmanager
def _folder() -> Generator[Path]:
    """A data directory that Postgres's own user can reach, unlike pytest's."""
    with tempfile.TemporaryDirectory(prefix="darkroom-e2e-") as name:
        data_dir.make(Path(name))
        yield Path(name)


@contextmanager
def _grown(seed: Path) -> Generator[Path]:
    """A data directory of its own that begins as *seed*."""
    with _folder() as folder:
        # Postgres's files belong to another user when we are root, and have to go on doing so.
        subprocess.run(["cp", "--archive", "--reflink=auto", f"{seed}/.", str(folder)], check=True)
        yield folder


@pytest.fixture(scope="session")
def seed() -> Generator[Path]:
    """
    A data directory whose Postgres was made and never started.

    To make it takes two seconds of processor time; that ``up`` does so by itself is shown elsewhere.
    """
    with _folder() as folder:
        postgres.prepare(folder, durable=False)
        yield folder


@pytest.fixture
def home(seed: Path) -> Generator[Path]:
    """A data directory in which nothing has run yet."""
    with _grown(seed) as folder:
        yield folder


@pytest.fixture(scope="session")
def darkroom(seed: Path) -> Generator[Darkroom]:
    """The session's Darkroom, with the simulator at its usual speed."""
    with _grown(seed) as folder, running_darkroom(folder) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncGenerator[Browser]:
    """The session's Chromium, in whose event loop its visitors have to be; it takes two seconds to start."""
    async with running_chromium() as browser:
        yield browser

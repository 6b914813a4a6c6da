"""A client for this folder."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import aiohttp
import pytest


@pytest.fixture
async def client() -> AsyncGenerator[aiohttp.ClientSession]:
    """A plain HTTP client without a deadline of its own beyond the test's."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        yield session

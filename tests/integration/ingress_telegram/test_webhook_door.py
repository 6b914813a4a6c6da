"""What anybody may post to the webhook, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from schemas.commands import RequestRender
from services.common.keys import Keyring
from tests.botapi.api import BotApi
from tests.botapi.webhook import SECRET_HEADER
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress.running import Running
from tests.integration.ingress_telegram.posting import Poster, said, webhook
from tests.integration.ingress_telegram.running import running
from tests.servers import NatsServer

UPDATE = said(1, "/f an astronaut")


@pytest.fixture
def where() -> dict[str, str]:
    """The webhook's settings."""
    return webhook()


@pytest.fixture
async def service(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path, where: dict[str, str]
) -> AsyncGenerator[Running]:
    """The channel behind it, ready."""
    async with running(nats, key_file, api, **where) as service:
        yield service


@pytest.fixture
def poster(service: Running, where: dict[str, str], keyring: Keyring) -> Poster:
    """Hands at its door."""
    return Poster(where, keyring)


@pytest.mark.parametrize("secret", [None, "", "wrong", "é"])
async def test_without_the_secret_nothing_is_taken(
    poster: Poster, orchestrator: FakeOrchestrator, secret: str | None
) -> None:
    """403, whatever is posted."""
    refused = await poster.post(json.dumps(UPDATE).encode(), **{SECRET_HEADER: secret})
    await poster.post(json.dumps(said(2, "/f a cat")).encode())
    command = await orchestrator.next(RequestRender)

    assert 403 == refused
    assert "a cat" == orchestrator.secrets(command).words.prompt


async def test_a_lost_answer_asks_for_nothing_twice(
    poster: Poster, orchestrator: FakeOrchestrator, api: BotApi
) -> None:
    """The same update again is answered with 200, and so is the same again."""
    statuses = [await poster.post(json.dumps(UPDATE).encode()) for _ in range(3)]
    await poster.post(json.dumps(said(2, "/f a cat")).encode())
    await orchestrator.next(RequestRender, 2)

    assert [200] * 3 == statuses
    assert 2 == len(orchestrator.heard)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b" " * (1024 * 1024 + 1), 413),
        (b"{}", 200),
        (b'{"update_id": "x", "message": 7}', 200),
        (b'{"update_id": 1, "message": {"text": "/f a cat"}}', 200),
        (b'{"update_id": 1, "poll": {"id": "1"}}', 200),
        (b'{"update_id": 1, "brand_new_kind": {}}', 200),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_what_is_no_update_harms_nobody(
    poster: Poster, orchestrator: FakeOrchestrator, data: bytes, status: int
) -> None:
    """What is no JSON has to come again; what can't be read never can, and must not hold up its chat."""
    answered = await poster.post(data)
    await poster.post(json.dumps(said(2, "/f a cat")).encode())
    await orchestrator.next(RequestRender)

    assert status == answered
    assert 1 == len(orchestrator.heard)


async def test_it_is_nothing_to_look_at(poster: Poster, where: dict[str, str]) -> None:
    """Only posting is allowed."""
    async with aiohttp.ClientSession() as http, http.get(where["TELEGRAM_WEBHOOK_URL"]) as answer:
        assert 405 == answer.status


async def test_the_secret_is_not_in_the_logs(
    poster: Poster, orchestrator: FakeOrchestrator, keyring: Keyring, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nor is a word of what was posted."""
    await poster.post(json.dumps(said(1, "/f xylophone")).encode())
    await poster.post(json.dumps(UPDATE).encode(), **{SECRET_HEADER: "marzipan"})
    await orchestrator.next(RequestRender)
    logged = "".join(capfd.readouterr())
    words: list[Any] = ["xylophone", "marzipan", keyring.webhook.hex()]

    assert "not from Telegram" in logged
    assert not [word for word in words if word in logged]

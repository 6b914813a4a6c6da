"""The Telegram channel behind a webhook, and hands that post to it as Telegram does, or as somebody else."""

from __future__ import annotations

import io
from typing import Any

import aiohttp

from services.common.keys import Keyring
from services.devstack.ports import HOST, free_port
from tests.botapi.webhook import SECRET_HEADER


def webhook() -> dict[str, str]:
    """What makes the channel listen instead of asking."""
    port = free_port()
    return {
        "TELEGRAM_WEBHOOK_URL": f"http://{HOST}:{port}/telegram",
        "TELEGRAM_WEBHOOK_PORT": str(port),
    }


class Poster:
    """Posts to one webhook, with the right secret unless told otherwise."""

    def __init__(self, settings: dict[str, str], keyring: Keyring) -> None:
        self._url = settings["TELEGRAM_WEBHOOK_URL"]
        self._secret = keyring.webhook.hex()

    async def post(self, data: bytes, **headers: str | None) -> int:
        """The status that *data* gets."""
        given = {SECRET_HEADER: self._secret} | headers
        sent = {name: value for name, value in given.items() if value is not None}
        async with (
            aiohttp.ClientSession() as http,
            http.post(self._url, data=io.BytesIO(data), headers=sent) as answer,
        ):
            return answer.status


def said(update_id: int, text: str, chat_id: int = 1001) -> dict[str, Any]:
    """An update with a person's message."""
    person = {"id": chat_id, "is_bot": False, "first_name": "Ann"}
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id,
            "date": 1_700_000_000,
            "chat": {"id": chat_id, "type": "private", "first_name": "Ann"},
            "from": person,
            "text": text,
        },
    }

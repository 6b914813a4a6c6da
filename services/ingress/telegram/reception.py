"""How updates come in: posted to an address of ours if there is one, else fetched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from services.common.bus import Bus
from services.common.keys import Keyring
from services.common.startup import patiently
from services.ingress.server import listening
from services.ingress.telegram.account import Account
from services.ingress.telegram.config import Settings
from services.ingress.telegram.desk import Desk
from services.ingress.telegram.polling import Polling
from services.ingress.telegram.webhook import Webhook

Reception = Polling | Webhook


@asynccontextmanager
async def announced(
    *,
    settings: Settings,
    keyring: Keyring,
    account: Account,
    desk: Desk,
    bus: Bus,
    stopping: asyncio.Event,
) -> AsyncGenerator[Reception]:
    """
    The way in, which Telegram knows of, while the block runs; updates are taken while it is run.

    Raises:
        ConfigError: The webhook's address is refused, or can't be listened on.
        StoppedError: *stopping* was set before Telegram answered.
    """
    if not settings.webhook_url:
        polling = Polling(account, desk)
        await patiently("Telegram", polling.announce, stopping)
        yield polling
        return
    webhook = Webhook(account, desk, bus, url=settings.webhook_url, secret=keyring.webhook.hex())
    where = settings.webhook_host, settings.webhook_port
    async with listening(webhook.app(), *where, variables="TELEGRAM_WEBHOOK"):
        await patiently("Telegram", webhook.announce, stopping)
        yield webhook

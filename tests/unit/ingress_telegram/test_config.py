"""The Telegram channel's settings."""

from __future__ import annotations

import pytest

from services.common.config import read_settings
from services.common.errors import ConfigError
from services.ingress.telegram.config import Settings

NEEDED = {
    "NATS_URL": "nats://user:hunter2@h:1",
    "DARKROOM_KEY_FILE": "/key",
    "TELEGRAM_TOKEN": "7:token",
    "DARKROOM_ALLOW": "*",
}


def test_defaults_poll_and_bind_to_loopback() -> None:
    """Without an address of its own nothing listens for Telegram, and nothing is open to others."""
    settings = read_settings(Settings, NEEDED)

    assert ("", "127.0.0.1", 8443) == (settings.webhook_url, settings.webhook_host, settings.webhook_port)
    assert ("127.0.0.1", 9085) == (settings.health_host, settings.health_port)


@pytest.mark.parametrize(
    "url",
    ["https://bot.example", "https://bot.example:8443/telegram?x=1", "http://127.0.0.1:8443/telegram",
     "http://localhost/", ""],
)  # fmt: skip
def test_a_webhook_is_https_or_on_this_machine(url: str) -> None:
    """Plain http is for a Bot API server beside us."""
    assert url == read_settings(Settings, {**NEEDED, "TELEGRAM_WEBHOOK_URL": url}).webhook_url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_WEBHOOK_URL", "http://bot.example/telegram"),
        ("TELEGRAM_WEBHOOK_URL", "http://127.0.0.1.bot.example/telegram"),
        ("TELEGRAM_WEBHOOK_URL", "bot.example"),
        ("TELEGRAM_WEBHOOK_URL", "https://"),
        ("TELEGRAM_WEBHOOK_URL", "https://bot.example/a b"),
        ("TELEGRAM_WEBHOOK_PORT", "70000"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("TELEGRAM_PROXY", "socks5://127.0.0.1:9050"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    """And what to do."""
    with pytest.raises(ConfigError, match=name) as refused:
        read_settings(Settings, {**NEEDED, name: value})

    assert str(refused.value).endswith(".")


def test_passwords_do_not_show() -> None:
    """Neither NATS's nor the token, wherever the settings are printed."""
    shown = repr(read_settings(Settings, NEEDED))

    assert not [secret for secret in ("hunter2", "7:token") if secret in shown]

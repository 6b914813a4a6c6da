"""The web chat's settings."""

from __future__ import annotations

import pytest

from services.common.config import read_settings
from services.common.errors import ConfigError
from services.ingress.web.config import Settings

NEEDED = {"NATS_URL": "nats://u:p@h:1", "DARKROOM_KEY_FILE": "/key"}


def test_defaults_bind_to_loopback() -> None:
    """Nothing is open to others unless someone says so."""
    settings = read_settings(Settings, NEEDED)

    assert ("127.0.0.1", 8080) == (settings.host, settings.port)
    assert ("127.0.0.1", 9084) == (settings.health_host, settings.health_port)
    assert (frozenset(), False) == (settings.hosts, settings.behind_proxy)


def test_hosts_are_names_separated_by_commas() -> None:
    """Case and white space mean nothing."""
    settings = read_settings(Settings, {**NEEDED, "DARKROOM_WEB_HOSTS": " A.example,b.anon ,, "})

    assert frozenset({"a.example", "b.anon"}) == settings.hosts


def test_the_hidden_services_name_is_one_of_the_hosts() -> None:
    """What the page is called as a hidden service needs to be said once."""
    onion = f"{'a' * 56}.anon"
    settings = read_settings(
        Settings, {**NEEDED, "DARKROOM_WEB_HOSTS": "a.example", "DARKROOM_WEB_ONION": onion}
    )

    assert frozenset({"a.example", onion}) == settings.hosts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NATS_URL", ""),
        ("DARKROOM_KEY_FILE", ""),
        ("DARKROOM_WEB_PORT", "99999"),
        ("DARKROOM_WEB_BEHIND_PROXY", "maybe"),
        ("DARKROOM_WEB_ONION", "darkroom.anon"),
        ("DARKROOM_WEB_ONION", f"http://{'a' * 56}.anon"),
        ("DARKROOM_WEB_ONION", f"{'a' * 56}.anon\r\nX: y"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    """And what to do."""
    with pytest.raises(ConfigError, match=name) as refused:
        read_settings(Settings, {**NEEDED, name: value})

    assert str(refused.value).endswith(".")

"""Which way the Bot API is reached."""

from __future__ import annotations

import pytest

from services.common.config import read_settings
from services.common.errors import ConfigError
from services.ingress.telegram.config import Settings
from services.ingress.telegram.via import Door, authority, door
from tests.unit.ingress_telegram.test_config import NEEDED

TUNNELLED = NEEDED | {"DARKROOM_TELEGRAM_VIA": "tunnel"}
HIDDEN = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd"


def way(**environ: str) -> Door | None:
    """The door that *environ* leads to."""
    return door(read_settings(Settings, TUNNELLED | environ))


def test_it_is_direct_unless_asked_for_otherwise() -> None:
    """Then nothing of the tunnel is looked at, and http is as good as it was."""
    assert door(read_settings(Settings, NEEDED | {"TELEGRAM_API_URL": "http://bot.example"})) is None


def test_the_tunnel_is_where_the_setting_says() -> None:
    """Beside us when nothing is said."""
    assert Door("127.0.0.1", 9086) == way()
    assert Door("tunnel", 9000) == way(TUNNEL_CONNECT_URL="http://tunnel:9000/")
    assert Door("::1", 9000) == way(TUNNEL_CONNECT_URL="http://[::1]:9000")


@pytest.mark.parametrize("url", ["", "https://tunnel:1", "http://tunnel", "http://u:p@tunnel:1", "tunnel:1"])
def test_a_wrong_address_of_the_tunnel_is_refused(url: str) -> None:
    """An empty one is the default."""
    if not url:
        assert way(TUNNEL_CONNECT_URL=url)
        return
    with pytest.raises(ConfigError, match="TUNNEL_CONNECT_URL"):
        way(TUNNEL_CONNECT_URL=url)


@pytest.mark.parametrize(
    "url",
    ["https://bot.example", "http://127.0.0.1:8081", "http://[::1]:8081", f"http://{HIDDEN}.anon",
     f"http://{HIDDEN}.anyone:81", f"http://bot.{HIDDEN}.onion"],
)  # fmt: skip
def test_nobody_can_read_the_token_on_the_way(url: str) -> None:
    """TLS, a hidden service, which is encrypted to its end, or a test server of one's own."""
    assert way(TELEGRAM_API_URL=url)


@pytest.mark.parametrize(
    "url",
    ["http://api.telegram.org", "http://localhost:8081", "http://10.0.0.1:8081", "http://127.0.0.1.example",
     f"http://{HIDDEN}.example", f"http://{HIDDEN}.anon.example", f"http://{HIDDEN[1:]}.anon", "http://x.anon"],
)  # fmt: skip
def test_a_token_in_the_clear_is_refused(url: str) -> None:
    """Where the network ends, a stranger could read it."""
    with pytest.raises(ConfigError, match=r"TELEGRAM_API_URL begins with http://.*Use https://\."):
        way(TELEGRAM_API_URL=url)


@pytest.mark.parametrize("name", ["TELEGRAM_PROXY", "TELEGRAM_WEBHOOK_URL"])
def test_what_contradicts_the_tunnel_is_refused(name: str) -> None:
    """A second way out, or an address at which Telegram finds us."""
    with pytest.raises(ConfigError, match=rf"{name} and DARKROOM_TELEGRAM_VIA=tunnel .*out"):
        way(**{name: "https://me.example"})


def test_the_tunnels_list_gets_host_and_port() -> None:
    """Of any Bot API server, the port by its scheme if none is named."""
    assert "api.telegram.org:443" == authority("https://API.telegram.org/")
    assert "127.0.0.1:80" == authority("http://127.0.0.1")
    assert "[::1]:8081" == authority("http://[::1]:8081/x")


@pytest.mark.parametrize(
    "url", ["https://", "https://h:x", "https://h:99999", "ftp://h", "https://u:p@h", "https://[::1"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """With the variable's name."""
    with pytest.raises(ConfigError, match="TELEGRAM_API_URL"):
        authority(url)

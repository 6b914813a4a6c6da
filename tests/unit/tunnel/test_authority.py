"""Where CONNECT may lead, and how that is written."""

from __future__ import annotations

import pytest

from services.common.errors import ConfigError
from services.tunnel.authority import Authority, parse_allowed, parse_authority, require_anon, require_known
from services.tunnel.errors import RouteRefusedError

API = Authority(host="api.telegram.org", port=443)


@pytest.mark.parametrize(
    ("raw", "host", "port"),
    [
        ("api.telegram.org:443", "api.telegram.org", 443),
        ("API.Telegram.ORG:443", "api.telegram.org", 443),
        ("127.0.0.1:8081", "127.0.0.1", 8081),
        ("[::1]:65535", "::1", 65535),
        ("bot-api:1", "bot-api", 1),
    ],
)
def test_host_and_port_are_read(raw: str, host: str, port: int) -> None:
    """Names in either case, addresses of both kinds; the port always stands there."""
    assert Authority(host=host, port=port) == parse_authority(raw)
    assert parse_authority(raw) == parse_authority(str(parse_authority(raw)))


@pytest.mark.parametrize(
    "raw",
    [
        "", ":443", "api.telegram.org", "api.telegram.org:", "api.telegram.org:0", "api.telegram.org:0443",
        "api.telegram.org:65536", "api.telegram.org:443:443", "api.telegram.org.:443", ".telegram.org:443",
        "api..telegram.org:443", "user@api.telegram.org:443", "https://api.telegram.org:443",
        "api.telegram.org:443/", "api.telegram.org%00:443", "api.telegram.org:443?", "api.telegram.org :443",
        " api.telegram.org:443", "api.telegram.org:443\n", "api.telegram.org:+443", "api.telegram.org:٤٤٣",
        "\u0430pi.telegram.org:443", "[::1:443", "::1:443", "[]:443", "[::1%lo]:443", "[0:0:0:0:0:0:0:1]:443",
        "127.1:443", "2130706433:443", "0x7f000001:443", "0x7f.0.0.1:443", "127.0.0.01:443",
        "-a.example:443", "a" * 64 + ".example:443", "a." * 127 + "example:443",
    ],
)  # fmt: skip
def test_any_other_spelling_is_refused(raw: str) -> None:
    """So no two readers can take one text for two places."""
    with pytest.raises(RouteRefusedError):
        parse_authority(raw)


def test_the_list_holds_what_the_setting_names() -> None:
    """And nothing when it names nothing."""
    assert {API, Authority(host="::1", port=81)} == parse_allowed("api.telegram.org:443, [::1]:81,")
    assert frozenset() == parse_allowed("")


def test_a_wrong_entry_is_named() -> None:
    """With its number and how to write it, not its text: that may hold a password."""
    with pytest.raises(ConfigError, match=r"TUNNEL_CONNECT_ALLOW, entry 2: .* host:port") as refused:
        parse_allowed("api.telegram.org:443,https://u:hunter2@h")

    assert "hunter2" not in str(refused.value)


def test_only_the_network_carries_it() -> None:
    """Relayed directly, Telegram would see this machine; the message names both settings to change."""
    require_anon(frozenset({API}), "anon")
    require_anon(frozenset(), "direct")
    with pytest.raises(ConfigError, match="DARKROOM_TUNNEL=anon, or DARKROOM_TELEGRAM_VIA=direct"):
        require_anon(frozenset({API}), "direct")


def test_another_networks_hidden_service_is_named_at_start() -> None:
    """Its name would go to an exit's DNS server; what is no hidden service, or a sound one, passes."""
    sound = "h4fdyssifbyfz6lxw4ssjqbocdztkbzrvcnrfpmn2arpxc2dlhzgkvyd.onion:80"
    require_known(parse_allowed("api.telegram.org:443, 127.0.0.1:1"), "anon")
    with pytest.raises(ConfigError, match=r"names .*\.onion:80.* TELEGRAM_API_URL"):
        require_known(parse_allowed(sound), "anon")

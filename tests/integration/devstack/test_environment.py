"""Each service is told what it needs, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.common.config import read_settings
from services.devstack import plan
from services.devstack.nats_users import all_users
from services.ingress.telegram.config import Settings as TelegramSettings
from services.ingress.web.config import Settings as WebSettings
from services.orchestrator.config import Settings as OrchestratorSettings
from services.renderer.config import Settings as RendererSettings
from services.tunnel.config import Settings as TunnelSettings

SETTINGS = {
    "orchestrator": OrchestratorSettings,
    "tunnel": TunnelSettings,
    "renderer": RendererSettings,
    "ingress-web": WebSettings,
    "ingress-telegram": TelegramSettings,
}
OPERATOR = {
    "PATH": "/usr/bin",
    "LOG_LEVEL": "debug",
    "HTTPS_PROXY": "http://127.0.0.1:1",
    "SECRET_OF_ANOTHER_PROGRAM": "x",
    "TELEGRAM_TOKEN_FILE": "/run/token",
    "DARKROOM_ALLOW": "1,2",
    "DARKROOM_WORKFLOWS": "/mine",
    "HEALTH_PORT": "1",
}


def wiring(**changes: object) -> plan.Wiring:
    """One stack's wiring."""
    parts = {
        "home": Path("/home"),
        "environ": OPERATOR,
        "key_file": "/key",
        "database_url": "postgresql://database",
        "nats_urls": {user: f"nats://{user}" for user in all_users()},
        "backends": {"simulator": "http://127.0.0.1:1"},
        "simulator_port": 1,
        "tunnel_port": 2,
        "connect_port": 4,
        "web_port": 3,
        "servers": ("postgres", "nats"),
    }
    return plan.Wiring(**(parts | changes))  # type: ignore[arg-type]


def environments(**changes: object) -> dict[str, dict[str, str]]:
    """By program, its environment."""
    return {program.name: program.environ for program in plan.services(wiring(**changes))}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_service_can_read_its_settings(name: str, tmp_path: Path) -> None:
    """What each is given is enough for it to start, its health port being its own."""
    token = tmp_path / "token"
    token.write_text("1:token")
    environ = environments(environ=OPERATOR | {"TELEGRAM_TOKEN_FILE": str(token)})[name]
    settings = read_settings(SETTINGS[name], environ)

    assert settings.health_port != 1


def test_secrets_go_only_where_they_are_needed() -> None:
    """The database is the orchestrator's alone, the key is not the tunnel's, each has its own NATS user."""
    found = environments()

    assert {"orchestrator"} == {name for name, environ in found.items() if "DATABASE_URL" in environ}
    assert {"ingress-telegram"} == {
        name for name, environ in found.items() if "TELEGRAM_TOKEN_FILE" in environ
    }
    assert set(SETTINGS) - {"tunnel"} == {name for name in found if "DARKROOM_KEY_FILE" in found[name]}
    assert {f"nats://{name}" for name in SETTINGS} == {
        environ["NATS_URL"] for environ in found.values() if "NATS_URL" in environ
    }


def test_nothing_foreign_is_passed_on() -> None:
    """Proxies and other programs' variables stay outside, the system's and the operator's own go in."""
    found = environments()
    given = {key for environ in found.values() for key in environ}

    assert not given & {"HTTPS_PROXY", "SECRET_OF_ANOTHER_PROGRAM"}
    assert {"/usr/bin"} == {environ["PATH"] for environ in found.values()}
    assert "/mine" == found["renderer"]["DARKROOM_WORKFLOWS"]
    assert "1,2" == found["ingress-telegram"]["DARKROOM_ALLOW"]


def test_real_backend_takes_the_simulators_place() -> None:
    """With a backend there is no simulator, and tunnel and renderer are told its name."""
    found = environments(simulator_port=0, backends={"a": "http://127.0.0.1:8", "b": "http://127.0.0.1:9"})

    assert plan.SIMULATOR not in found
    assert "a=http://127.0.0.1:8,b=http://127.0.0.1:9" == found["tunnel"]["DARKROOM_BACKENDS"]


def test_telegram_starts_only_with_a_token() -> None:
    """Without a token there is the web chat alone."""
    assert "ingress-telegram" not in environments(environ={"PATH": "/usr/bin"})


def test_tunnel_leads_to_the_bot_api_only_when_telegram_goes_through_it() -> None:
    """Its list is exactly the Bot API server's host and port; the channel is told where to ask, and waits."""
    bot = OPERATOR | {"DARKROOM_TELEGRAM_VIA": "tunnel"}
    found = environments(environ=bot)
    elsewhere = environments(environ=bot | {"TELEGRAM_API_URL": "https://bot.example:81/x"})
    needs = {program.name: program.needs for program in plan.services(wiring(environ=bot))}

    assert "api.telegram.org:443" == found["tunnel"]["TUNNEL_CONNECT_ALLOW"]
    assert "bot.example:81" == elsewhere["tunnel"]["TUNNEL_CONNECT_ALLOW"]
    assert "4" == found["tunnel"]["TUNNEL_CONNECT_PORT"]
    assert "http://127.0.0.1:4" == found["ingress-telegram"]["TUNNEL_CONNECT_URL"]
    assert "tunnel" in needs["ingress-telegram"]


def test_tunnel_finds_anon_where_the_stack_lives() -> None:
    """Not in the data directory that the operator's environment names, if --data names another."""
    found = environments(environ=OPERATOR | {"DARKROOM_HOME": "/other", "ANON_BINARY": "/anon"})

    assert ("/home", "/anon") == (found["tunnel"]["DARKROOM_HOME"], found["tunnel"]["ANON_BINARY"])


@pytest.mark.parametrize("changed", [{"DARKROOM_TELEGRAM_VIA": "direct"}, {"TELEGRAM_TOKEN_FILE": ""}])
def test_tunnel_leads_to_no_bot_api_otherwise(changed: dict[str, str]) -> None:
    """Whatever the operator's environment says of its list: without a bot behind it nobody needs it."""
    bot = OPERATOR | {"DARKROOM_TELEGRAM_VIA": "tunnel", "TUNNEL_CONNECT_ALLOW": "h:1"} | changed

    assert not environments(environ=bot)["tunnel"]["TUNNEL_CONNECT_ALLOW"]


def test_everything_that_is_needed_is_there() -> None:
    """No program waits for one that is not started."""
    programs = plan.services(wiring())
    names = {program.name for program in programs} | {"postgres", "nats"}

    assert not {need for program in programs for need in program.needs} - names

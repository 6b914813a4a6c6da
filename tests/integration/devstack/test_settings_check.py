"""What a service would refuse to start with is said before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.common.errors import ConfigError
from services.common.keys import ensure_key_file
from services.devstack import plan, settings_check
from tests.integration.devstack.test_environment import wiring

BOT = {
    "TELEGRAM_TOKEN": "1:a",
    "DARKROOM_ALLOW": "*",
    "DARKROOM_TELEGRAM_VIA": "tunnel",
    "DARKROOM_TUNNEL": "anon",
}


def check(tmp_path: Path, **environ: str) -> None:
    """The services of one stack, whose operator set *environ* and all else is well."""
    ensure_key_file(tmp_path / "root.key")
    parts = {"key_file": environ.pop("key_file", str(tmp_path / "root.key"))}
    backends = environ.pop("backends", "http://127.0.0.1:1")
    for program in plan.services(wiring(environ=environ, backends={"gpu": backends}, **parts)):
        settings_check.check(program)


def test_good_settings_pass(tmp_path: Path) -> None:
    """With and without Telegram."""
    check(tmp_path)
    check(tmp_path, TELEGRAM_TOKEN="1:a", DARKROOM_ALLOW="1,-2")


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"key_file": "/nowhere/key"}, r"^The key file /nowhere/key can't be read: No such file"),
        ({"DARKROOM_MAX_OPEN_JOBS": "x"}, r"^DARKROOM_MAX_OPEN_JOBS is 'x'"),
        ({"DARKROOM_TUNNEL": "nonsense"}, r"^DARKROOM_TUNNEL is 'nonsense'"),
        ({"DARKROOM_WORKFLOWS": "/nowhere"}, r"^DARKROOM_WORKFLOWS names /nowhere"),
        ({"TELEGRAM_TOKEN": "1:a"}, r"^DARKROOM_ALLOW is not set"),
        ({"TELEGRAM_TOKEN": "1:a", "DARKROOM_ALLOW": "bob"}, r"^DARKROOM_ALLOW is 'bob'"),
        ({"TELEGRAM_TOKEN_FILE": "/nowhere"}, r"^TELEGRAM_TOKEN_FILE names /nowhere"),
        (BOT | {"TELEGRAM_API_URL": "http://bot.example"}, r"^TELEGRAM_API_URL begins with http://"),
        (BOT | {"TELEGRAM_API_URL": "ftp://bot.example"}, r"^TELEGRAM_API_URL is no web address"),
        (BOT | {"DARKROOM_TUNNEL": "direct"}, r"^DARKROOM_TELEGRAM_VIA=tunnel needs DARKROOM_TUNNEL=anon"),
        (BOT | {"DARKROOM_TELEGRAM_VIA": "tunel"}, r"^DARKROOM_TELEGRAM_VIA is 'tunel'"),
        ({"backends": "http://10.0.0.1:1"}, r"^Backend 'gpu': 10\.0\.0\.1 is not on this machine"),
    ],
)
def test_wrong_setting_is_told_in_the_services_words(
    tmp_path: Path, environ: dict[str, str], sentence: str
) -> None:
    """The sentence names what is wrong, whichever service it is for."""
    with pytest.raises(ConfigError, match=sentence):
        check(tmp_path, **environ)

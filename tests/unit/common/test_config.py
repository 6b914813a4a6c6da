"""Settings say what is wrong with them and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from services.common.config import Secret, read_settings
from services.common.errors import ConfigError


class Example(Struct, frozen=True, kw_only=True, rename="upper"):
    nats_url: Annotated[Secret, Meta(description="Give the NATS server: nats://host:4222")]
    port: Annotated[int, Meta(ge=1, le=65535, description="A free port, 1 to 65535")] = 9080
    folder: Path = Path()


def test_values_come_from_the_environment() -> None:
    """Texts become the types of the fields; what is not set keeps its default."""
    settings = read_settings(Example, {"NATS_URL": "nats://x", "PORT": "81", "FOLDER": "/srv"})

    assert Example(nats_url=Secret("nats://x"), port=81, folder=Path("/srv")) == settings


def test_a_missing_setting_names_the_variable_and_the_remedy() -> None:
    """Whoever starts the service knows what to set."""
    with pytest.raises(ConfigError, match=r"NATS_URL is not set\. Give the NATS server"):
        read_settings(Example, {})


@pytest.mark.parametrize("port", ["0", "70000", "http", "80.5"])
def test_a_wrong_setting_names_variable_value_and_remedy(port: str) -> None:
    """The sentence shows what was set, and what may be."""
    with pytest.raises(ConfigError, match=rf"PORT is '{port}'.*A free port, 1 to 65535"):
        read_settings(Example, {"NATS_URL": "nats://x", "PORT": port})


def test_a_secret_comes_from_a_file_and_never_shows(tmp_path: Path) -> None:
    """`NAME_FILE` names it; its repr doesn't show it."""
    file = tmp_path / "secret"
    file.write_text("nats://user:hunter2@x\n")
    settings = read_settings(Example, {"NATS_URL_FILE": str(file)})

    assert "nats://user:hunter2@x" == settings.nats_url.value
    assert "hunter2" not in repr(settings)


def test_a_secret_file_that_is_not_there_is_named() -> None:
    """The sentence names the variable and the file."""
    with pytest.raises(ConfigError, match="NATS_URL_FILE names /nowhere/secret"):
        read_settings(Example, {"NATS_URL_FILE": "/nowhere/secret"})


def test_an_empty_variable_is_a_missing_one() -> None:
    """Compose files and manifests set empty variables."""
    with pytest.raises(ConfigError, match="NATS_URL is not set"):
        read_settings(Example, {"NATS_URL": ""})


def test_an_empty_file_is_a_missing_value(tmp_path: Path) -> None:
    """A secret that was never filled in must not become an empty password."""
    file = tmp_path / "secret"
    file.write_text("\n")

    with pytest.raises(ConfigError, match="NATS_URL is not set"):
        read_settings(Example, {"NATS_URL_FILE": str(file)})


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    """Neither a traceback nor the bytes."""
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match=r"NATS_URL_FILE names .*secret, which is not text"):
        read_settings(Example, {"NATS_URL_FILE": str(file)})

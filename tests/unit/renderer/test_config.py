"""Settings of the renderer."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.common.config import read_settings
from services.common.errors import ConfigError
from services.renderer.config import Settings

ENVIRON = {
    "NATS_URL": "nats://127.0.0.1:4222",
    "DARKROOM_KEY_FILE": "/keys/root",
    "DARKROOM_BACKENDS": "gpu=http://127.0.0.1:8188, big-2=http://10.0.0.1:8188",
}


def test_only_the_names_of_backends_are_read() -> None:
    """Where they are is for the tunnel to know."""
    settings = read_settings(Settings, ENVIRON)

    assert ("gpu", "big-2") == settings.backends()
    assert "http://127.0.0.1:9080" == settings.tunnel_url


@pytest.mark.parametrize(
    "backends", ["Ä=http://x", "a.b=http://x", "a=http://x,a=http://y", ",", "=http://x"]
)
def test_names_that_can_not_be_used(backends: str) -> None:
    """A name goes into subjects and paths, so it is plain and there once."""
    settings = read_settings(Settings, ENVIRON | {"DARKROOM_BACKENDS": backends})

    with pytest.raises(ConfigError, match="DARKROOM_BACKENDS"):
        settings.backends()


def test_more_folders_of_workflows() -> None:
    """Separated as PATH is."""
    settings = read_settings(Settings, ENVIRON | {"DARKROOM_WORKFLOWS": "/a:/b"})

    assert (Path("/a"), Path("/b")) == settings.workflow_folders()
    assert () == read_settings(Settings, ENVIRON).workflow_folders()


@pytest.mark.parametrize("missing", sorted(ENVIRON))
def test_what_is_missing_is_named(missing: str) -> None:
    """With the remedy."""
    with pytest.raises(ConfigError, match=missing):
        read_settings(Settings, {name: value for name, value in ENVIRON.items() if name != missing})

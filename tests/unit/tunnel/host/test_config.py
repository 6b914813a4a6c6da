"""The host role's settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.common.config import read_settings
from services.common.errors import ConfigError
from services.tunnel.host.config import Settings


def test_folders_come_together(tmp_path: Path) -> None:
    """One folder of ComfyUI's names all three, or each is named; two of them are an error."""
    for name in ("input", "output"):
        (tmp_path / name).mkdir()
    whole = read_settings(Settings, {"TUNNEL_COMFYUI_DIR": str(tmp_path)}).folders()
    assert whole is not None
    assert tmp_path / "temp" == whole.temp
    assert read_settings(Settings, {}).folders() is None
    with pytest.raises(ConfigError, match="TUNNEL_COMFYUI_TEMP_DIR"):
        read_settings(
            Settings,
            {
                "TUNNEL_COMFYUI_INPUT_DIR": str(tmp_path / "input"),
                "TUNNEL_COMFYUI_OUTPUT_DIR": str(tmp_path / "output"),
            },
        ).folders()


def test_settings_are_bounded() -> None:
    """A limit that is none is refused with its name."""
    with pytest.raises(ConfigError, match="TUNNEL_REQUESTS_PER_S"):
        read_settings(Settings, {"TUNNEL_REQUESTS_PER_S": "0"})

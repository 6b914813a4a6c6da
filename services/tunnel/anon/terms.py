"""The terms of use that anon wants agreed to: by an explicit act of the operator, never silently."""

from __future__ import annotations

from pathlib import Path

from services.common.errors import ConfigError
from services.tunnel.anon.flavour import Flavour

WHERE = "https://www.anyone.io/terms"
"""Where anon itself says that they are to be read."""
SETTING = "ANON_AGREE_TO_TERMS"

_FILE = Path("anon", "terms-agreed")


def is_agreed(setting: str, home: Path) -> bool:
    """Whether the operator agreed: by ``ANON_AGREE_TO_TERMS``, which is *setting*, or by ``agree``."""
    return setting.strip().lower() == "yes" or (home / _FILE).is_file()


def agree(home: Path) -> None:
    """
    Keep under *home* that the operator agreed.

    Raises:
        ConfigError: It can't be written.
    """
    try:
        (home / _FILE).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (home / _FILE).write_text(f"{WHERE}\n", encoding="utf-8")
    except OSError as exc:
        raise ConfigError(f"{home / _FILE} can't be written: {exc.strerror}.") from exc


def require(flavour: Flavour, *, agreed: bool) -> None:
    """
    Stop whoever would start anon without that; tor has no such terms.

    Raises:
        ConfigError: Says where they are to be read, and how to agree.
    """
    if flavour.program == "anon" and not agreed:
        raise ConfigError(
            f"anon has terms of use, and you have not agreed to them. Read them at {WHERE}; if you agree, "
            f"run ./dev darkroom tunnel install --agree-to-terms, or set {SETTING}=yes."
        )

"""From an operator's settings to a plan: the same for both roles."""

from __future__ import annotations

from pathlib import Path

from services.common.errors import ConfigError
from services.tunnel.anon import terms
from services.tunnel.anon.anonrc import AnonPlan
from services.tunnel.anon.binary import find_binary
from services.tunnel.anon.options import SETTING


def plan_of(
    home: Path,
    data_dir: Path,
    *,
    anon_binary: str = "",
    anon_config: str = "",
    anon_agree_to_terms: str = "",
    lines: tuple[str, ...] = (),
    socks: bool = True,
) -> AnonPlan:
    """
    What an operator's anon is to be.

    Args:
        home: ``DARKROOM_HOME``, where anon is installed and the agreement to its terms is kept.
        data_dir: anon's own.
        anon_binary: ``ANON_BINARY``.
        anon_config: ``ANON_CONFIG``: a file with more options.
        anon_agree_to_terms: ``ANON_AGREE_TO_TERMS``.
        lines: What the role needs.
        socks: Whether it takes SOCKS connections.

    Raises:
        ConfigError: There is no binary, or a file that can't be read.
    """
    return AnonPlan(
        binary=find_binary(anon_binary, home),
        data_dir=data_dir,
        extra=_text(anon_config),
        agreed=terms.is_agreed(anon_agree_to_terms, home),
        lines=lines,
        socks=socks,
    )


def _text(setting: str) -> str:
    if not setting:
        return ""
    try:
        return Path(setting).expanduser().read_text(encoding="utf-8")
    except OSError as exc:
        raise ConfigError(f"{SETTING} names {setting}, which can't be read: {exc.strerror}.") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{SETTING} names {setting}, which is not text.") from exc

"""Settings: one frozen struct per service, read once from the environment, passed down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import msgspec
from msgspec import Struct

from services.common.errors import ConfigError

Settings = TypeVar("Settings", bound=Struct)


class Secret:
    """A value that never shows in a log, a ``repr`` or a traceback."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return "Secret(…)"


def read_settings(kind: type[Settings], environ: Mapping[str, str]) -> Settings:
    """
    Read *kind* from *environ*.

    Each field is the variable of its encoded name (``rename="upper"`` or ``field(name=…)``). A value may
    also stand in a file named by ``<NAME>_FILE``, which is how secrets arrive on Kubernetes. The remedy
    in an error is the field's ``Meta(description=…)``.

    Raises:
        ConfigError: Names the variable, what is wrong with it and what to do.
    """
    hints = get_type_hints(kind, include_extras=True)
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        text = text_of(name, environ)
        remedy = _remedy(hints[field.name])
        if text is None:
            if field.required:
                raise ConfigError(f"{name} is not set. {remedy}".strip())
            continue
        try:
            values[field.name] = msgspec.convert(text, hints[field.name], strict=False, dec_hook=_from_text)
        except msgspec.ValidationError as exc:
            shown = "" if _is_secret(hints[field.name]) else f" is {text!r}"
            raise ConfigError(f"{name}{shown}: {exc}. {remedy}".strip()) from exc
    return kind(**values)


def text_of(name: str, environ: Mapping[str, str]) -> str | None:
    """
    The variable *name*, or what stands in the file that ``<NAME>_FILE`` names.

    Raises:
        ConfigError: That file can't be read.
    """
    file = environ.get(f"{name}_FILE")
    if file and not environ.get(name):
        try:
            return Path(file).read_text(encoding="utf-8").strip() or None
        except OSError as exc:
            raise ConfigError(f"{name}_FILE names {file}, which can't be read: {exc.strerror}.") from exc
        except UnicodeDecodeError as exc:
            raise ConfigError(f"{name}_FILE names {file}, which is not text.") from exc
    # An empty variable or file means the same as none: compose files and manifests set empty ones.
    return environ.get(name) or None


def _remedy(hint: object) -> str:
    for meta in getattr(hint, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.description:
            return meta.description
    return ""


def _is_secret(hint: object) -> bool:
    return hint is Secret or getattr(hint, "__origin__", None) is Secret or "Secret" in str(hint)


def _from_text(kind: type, value: object) -> object:
    if kind is Secret:
        return Secret(str(value))
    if kind is Path:
        return Path(str(value)).expanduser()
    raise NotImplementedError(f"no setting is of type {kind}")

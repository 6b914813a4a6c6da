"""The catalogue: a folder per workflow, with ``prompt.json`` (API format) and ``workflow.toml``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from schemas import codec
from schemas.importing import DEFINITION_BYTES_MAX
from services.common.errors import ConfigError
from services.renderer.definition import Definition, Recipe
from services.renderer.graph import Graph
from services.renderer.soundness import flaws

OWN = Path(__file__).parent / "workflows"
"""What Darkroom ships."""

Catalogue = dict[str, Definition]
"""Workflows by digest."""


def read_catalogue(folders: Iterable[Path]) -> Catalogue:
    """
    Every workflow in *folders*.

    Raises:
        ConfigError: Names the file and what is wrong with it.
    """
    catalogue: Catalogue = {}
    commands: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise ConfigError(f"DARKROOM_WORKFLOWS names {folder}, which is not a folder.")
        for place in sorted(path.parent for path in folder.glob("*/workflow.toml")):
            definition = read_workflow(place)
            command = definition.recipe.command
            if command in commands:
                raise ConfigError(f"/{command} is claimed by {commands[command]} and by {place}.")
            commands[command] = place
            catalogue[definition.digest()] = definition
    return catalogue


def read_workflow(place: Path) -> Definition:
    """
    One workflow's folder.

    Raises:
        ConfigError: Names the file and what is wrong with it.
    """
    recipe_file, prompt_file = place / "workflow.toml", place / "prompt.json"
    try:
        recipe = msgspec.toml.decode(_read(recipe_file), type=Recipe)
    except msgspec.MsgspecError as exc:
        raise ConfigError(f"{recipe_file}: {exc}") from exc
    definition = Definition(name=place.name, recipe=recipe, prompt=_read_graph(prompt_file))
    wrong = flaws(definition)
    if wrong:
        raise ConfigError(f"{recipe_file}: {'; '.join(wrong)}.")
    if len(codec.encode(definition.text())) > DEFINITION_BYTES_MAX:
        raise ConfigError(f"{prompt_file} and its bindings take more than {DEFINITION_BYTES_MAX:,} bytes.")
    return definition


def _read_graph(file: Path) -> Graph:
    data = _read(file)
    try:
        return msgspec.json.decode(data, type=Graph)
    except msgspec.MsgspecError as exc:
        raise ConfigError(
            f"{file}: {exc}. It must be in API format: in ComfyUI choose Workflow, then Export (API)."
        ) from exc


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise ConfigError(f"{file} can't be read: {exc.strerror}.") from exc

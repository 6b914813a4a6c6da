"""ComfyUI's official templates, imported: a server takes what comes of them, or the reason is said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.importing import (
    FILE_BYTES_MAX,
    Choices,
    Studied,
    StudyAnswer,
    StudyRefused,
    StudyUnclear,
    StudyWorkflow,
)
from services.devstack.comfyui.engine.validation import validate
from services.devstack.comfyui.folders import Folders
from services.devstack.comfyui.installation import Installation
from services.devstack.comfyui.models import ModelShelf
from services.devstack.comfyui.nodes.library import library
from services.renderer.importing.study import study
from tests.unit.renderer.importing.nodes import simulated

EVERY = 12
"""Of those that a server without their nodes can't take."""
FILES = (".safetensors", ".png", ".jpg", ".jpeg", ".webp")


@cache
def templates() -> dict[str, str]:
    """Texts by name; the package has lists of them beside."""
    folder = resources.files("comfyui_workflow_templates_json") / "templates"
    texts = {one.name.removesuffix(".json"): one.read_text() for one in folder.iterdir()}
    return {name: text for name, text in sorted(texts.items()) if '"nodes"' in text}


@cache
def known() -> list[str]:
    """Those whose every node the simulator has."""
    return [name for name, text in templates().items() if not missing(json.loads(text))]


def missing(file: dict[str, Any]) -> set[str]:
    """Classes that the simulator has not."""
    subgraphs = file.get("definitions", {}).get("subgraphs", [])
    drawn = {one["id"] for one in subgraphs} | {"Note", "MarkdownNote", "Reroute", "PrimitiveNode"}
    types = {node["type"] for sheet in (file, *subgraphs) for node in sheet["nodes"] if node["mode"] != 4}
    return types - drawn - simulated().keys()


def imported(name: str) -> StudyAnswer:
    """Answered; where several texts may be the prompt, it is the first."""
    question = StudyWorkflow(name=name[:100], command="mine", file=templates()[name])
    answer = study(question, simulated(), "simulated")
    if isinstance(answer, StudyUnclear):
        first = {one.what: (one.candidates[0].value,) for one in answer.questions}
        answer = study(replace(question, choices=Choices(slots=first)), simulated(), "simulated")
    return answer


def test_there_are_templates_to_try() -> None:
    """Or the rest would hold of nothing."""
    assert len(known()) >= 15


@pytest.mark.parametrize("name", known())
def test_a_server_takes_what_comes_of_a_template(name: str, tmp_path: Path) -> None:
    """But for files that it has not."""
    answer = imported(name)
    assert isinstance(answer, Studied), answer
    here = Installation(shelf=ModelShelf(), folders=Folders(tmp_path))
    here.folders.prepare()

    verdict = validate(json.loads(answer.definition)["prompt"], library(here), here, None)

    assert [] == [complaint for complaint in complaints(verdict.node_errors) if not about_a_file(complaint)]
    assert answer.spec.takes_prompt


@pytest.mark.parametrize("name", [name for name in templates() if name not in known()][::EVERY])
def test_a_template_of_other_nodes_is_refused_by_name(name: str) -> None:
    """Every class that is named is one that the simulator has not."""
    answer = imported(name)
    assert isinstance(answer, StudyRefused), answer

    if len(templates()[name].encode()) > FILE_BYTES_MAX:
        assert "not-json" == answer.code
        return
    assert "not-convertible" == answer.code
    assert "Export (API)" in answer.problems[0]
    named = {one for problem in answer.problems for one in re.findall(r"its class (\S+) is not", problem)}
    assert named
    assert named <= missing(json.loads(templates()[name]))


def complaints(node_errors: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All of them."""
    for node in node_errors.values():
        yield from node["errors"]


def about_a_file(complaint: dict[str, Any]) -> bool:
    """A model or a picture that the simulator has not: what was written is not in its list."""
    received = str(complaint.get("extra_info", {}).get("received_value", complaint.get("details", "")))
    return complaint["type"] in ("value_not_in_list", "custom_validation_failed") and any(
        ending in received for ending in FILES
    )

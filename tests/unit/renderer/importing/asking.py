"""Asking what a file would be as a workflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from msgspec import json as msgspec_json

from schemas.importing import Choices, Studied, StudyAnswer, StudyRefused, StudyUnclear, StudyWorkflow
from services.renderer.definition import Definition, Slot
from services.renderer.importing.study import study
from services.renderer.object_info import ObjectInfo
from tests.unit.renderer.importing.nodes import info

_INFO = info()
_EXPORTS = Path(__file__).parent / "exports"

Graph = dict[str, Any]


def text_of(name: str) -> str:
    """A file as ComfyUI exports it: ``*.api`` or ``*.ui``."""
    return (_EXPORTS / f"{name}.json").read_text()


def export(name: str) -> Graph:
    """The same, to be changed."""
    graph: Graph = json.loads(text_of(name))
    return graph


def ask(file: str | Graph, known: ObjectInfo | None = None, **choices: Any) -> StudyAnswer:
    """What a renderer answers."""
    text = file if isinstance(file, str) else json.dumps(file)
    question = StudyWorkflow(name="my-own", command="mine", file=text, choices=Choices(**choices))
    return study(question, _INFO if known is None else known, "gpu")


def studied(file: str | Graph, known: ObjectInfo | None = None, **choices: Any) -> Studied:
    """The workflow that comes of it."""
    answer = ask(file, known, **choices)
    assert isinstance(answer, Studied), answer
    return answer


def definition(file: str | Graph, known: ObjectInfo | None = None, **choices: Any) -> Definition:
    """The same, read again as the log will have it."""
    return msgspec_json.decode(studied(file, known, **choices).definition, type=Definition)


def refused(file: str | Graph, known: ObjectInfo | None = None, **choices: Any) -> StudyRefused:
    """Why nothing comes of it."""
    answer = ask(file, known, **choices)
    assert isinstance(answer, StudyRefused), answer
    return answer


def unclear(file: str | Graph, **choices: Any) -> StudyUnclear:
    """What only the operator can say."""
    answer = ask(file, **choices)
    assert isinstance(answer, StudyUnclear), answer
    return answer


def slots(*names: str) -> tuple[Slot, ...]:
    """Inputs, written ``node.input``."""
    pairs = [name.rpartition(".") for name in names]
    return tuple(Slot(node=node, input=one) for node, _, one in pairs)


def node(class_type: str, **inputs: Any) -> Graph:
    """A node of the API format."""
    return {"class_type": class_type, "inputs": inputs}

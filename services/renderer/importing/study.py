"""What a file exported from ComfyUI would be as a workflow of Darkroom."""

from __future__ import annotations

from msgspec.structs import replace

from schemas.catalogue import Kind
from schemas.importing import Choices, Studied, StudyAnswer, StudyRefused, StudyUnclear, StudyWorkflow
from services.renderer.capability import lacks
from services.renderer.definition import Bindings, Definition, PictureSlot, Recipe, Slot
from services.renderer.graph import Graph
from services.renderer.importing.choosing import chosen_nodes
from services.renderer.importing.classes import Classes
from services.renderer.importing.draft import Draft, draft
from services.renderer.importing.exported import Exported
from services.renderer.importing.extent import listed
from services.renderer.importing.models import found_models
from services.renderer.importing.outputs import made
from services.renderer.importing.pictures import found_pictures, picture_input, picture_slots
from services.renderer.importing.refusal import RefusedError
from services.renderer.importing.telling import found_sentences, warnings
from services.renderer.object_info import ObjectInfo
from services.renderer.soundness import flaws


def study(question: StudyWorkflow, object_info: ObjectInfo, backend: str) -> StudyAnswer:
    """
    Read a file, find in it what people's parameters fill, and hold it against a backend.

    Args:
        question: The file and what the operator has chosen.
        object_info: The backend's ``/object_info``, whole.
        backend: Its name in ``DARKROOM_BACKENDS``.

    Returns:
        The workflow, or the questions that are open, or what is wrong with it. Never raises.
    """
    try:
        return _study(question, object_info, backend)
    except RefusedError as exc:
        return StudyRefused(code=exc.code, problems=exc.problems)


def _study(question: StudyWorkflow, object_info: ObjectInfo, backend: str) -> StudyAnswer:
    choices = question.choices
    exported = Exported(question.file, Classes(object_info), choices.outputs)
    pictures = _pictures(exported, choices)
    medium = made(exported.wiring, exported.outputs)
    drafted = draft(exported.wiring, choices, is_video=medium == "video")
    if drafted.questions:
        return StudyUnclear(questions=drafted.questions)
    needs_picture = any(not picture.optional for picture in pictures)
    kind: Kind = "edit" if medium == "image" and needs_picture else medium
    definition = Definition(
        name=question.name,
        recipe=Recipe(
            command=question.command,
            title=choices.title or _title(question.name),
            kind=kind,
            outputs=tuple(exported.outputs),
            bind=_bindings(drafted),
            models=found_models(exported.wiring),
            bounds=drafted.bounds,
            pictures=tuple(pictures),
        ),
        prompt=_emptied(exported.wiring.graph, drafted, pictures),
    )
    wrong = flaws(definition)
    if wrong:
        raise RefusedError("unsound", *(f"It would not render: {one}." for one in wrong))
    return Studied(
        spec=definition.spec(),
        definition=definition.text(),
        found=found_sentences(exported, drafted, pictures),
        backend=backend,
        lacks=lacks(definition, object_info),
        warnings=tuple(warnings(exported, drafted, pictures)),
    )


def _pictures(exported: Exported, choices: Choices) -> list[PictureSlot]:
    wiring = exported.wiring
    pictures = found_pictures(wiring, exported.outputs)
    if choices.pictures is not None:
        chosen = chosen_nodes(wiring, choices.pictures)
        wrong = [wiring.title(one) for one in chosen if picture_input(wiring, one) is None]
        if wrong:
            there = listed([wiring.title(one) for one in pictures])
            raise RefusedError("bad-choice", f"{listed(wrong)} takes no picture. Nodes that do: {there}.")
        pictures = chosen
    optional = set(chosen_nodes(wiring, choices.optional))
    stray = [wiring.title(one) for one in optional if one not in pictures]
    if stray:
        raise RefusedError("bad-choice", f"{listed(stray)} can't be optional: it is no picture to edit.")
    return picture_slots(wiring, pictures, optional, exported.outputs)


def _bindings(drafted: Draft) -> Bindings:
    return Bindings(**{name: found.slots for name, found in drafted.found.items()})


def _emptied(graph: Graph, drafted: Draft, pictures: list[PictureSlot]) -> Graph:
    """
    *graph* without the words and pictures that its maker tried it with.

    Each render puts its own there, and these would rest in the log and its mirror for all to read.
    """
    tried = [*drafted.found["prompt"].slots, *(Slot(node=one.node, input=one.input) for one in pictures)]
    emptied = dict(graph)
    for slot in tried:
        node = emptied[slot.node]
        emptied[slot.node] = replace(node, inputs={**node.inputs, slot.input: ""})
    return emptied


def _title(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ").strip() or name
    return words[:1].upper() + words[1:]

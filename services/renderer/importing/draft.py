"""What goes where: found in the graph, or said by the operator."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from schemas.catalogue import Bounds
from schemas.importing import Candidate, Choices, Unclear
from services.renderer.definition import NUMBERS, Slot
from services.renderer.importing.bounds import bounds_of, exact
from services.renderer.importing.choosing import check_slot, chosen_slot
from services.renderer.importing.classes import limits
from services.renderer.importing.extent import shortened
from services.renderer.importing.finding import Found, described, shown
from services.renderer.importing.numbers import (
    find_cfg,
    find_count,
    find_seed,
    find_size,
    find_steps,
    is_unguided,
)
from services.renderer.importing.refusal import RefusedError
from services.renderer.importing.wiring import Wiring
from services.renderer.importing.words import conditioned, find_words

_CANDIDATES_MOST = 50
PARAMETERS = ("prompt", "negative", "seed", *NUMBERS)


class Draft(Struct, frozen=True, kw_only=True):
    """
    Bindings to be.

    Attributes:
        found: By parameter.
        bounds: Of the numbers among them.
        questions: What only the operator can say.
    """

    found: dict[str, Found]
    bounds: dict[str, Bounds]
    questions: tuple[Unclear, ...]

    def notes(self) -> list[str]:
        """What was left alone, and why."""
        return [one.note for one in self.found.values() if one.note]


def draft(wiring: Wiring, choices: Choices, *, is_video: bool) -> Draft:
    """
    Every parameter's place.

    Raises:
        RefusedError: The operator chose what is not there, or what does not fit.
    """
    unknown = [one for one in (*choices.slots, *choices.bounds) if one not in PARAMETERS]
    if unknown:
        problem = f"There is no parameter {shortened(unknown[0])!r}. There are: {', '.join(PARAMETERS)}."
        raise RefusedError("bad-choice", problem)
    chosen = {name: _chosen(wiring, name, slots) for name, slots in choices.slots.items()}
    found, questions = _found(wiring, is_video=is_video)
    found = _apart({name: chosen.get(name, found[name]) for name in PARAMETERS}, chosen)
    questions = tuple(one for one in questions if one.what not in chosen)
    if "negative" not in chosen and is_unguided(wiring, found["cfg"].slots):
        # The sampler does not look at the negative side, and nobody can have it look.
        found["negative"] = Found()
    found, bounds = _bounded(wiring, found, choices, is_video=is_video)
    return Draft(found=found, bounds=bounds, questions=questions)


def _chosen(wiring: Wiring, parameter: str, names: tuple[str, ...]) -> Found:
    slots = tuple(dict.fromkeys(chosen_slot(wiring, name) for name in names))
    for slot in slots:
        check_slot(wiring, parameter, slot)
    return Found(slots=slots, ends=slots)


def _found(wiring: Wiring, *, is_video: bool) -> tuple[dict[str, Found], tuple[Unclear, ...]]:
    words = find_words(wiring)
    width_px, height_px = find_size(wiring)
    found = {
        "prompt": words.prompt,
        "negative": words.negative,
        "seed": find_seed(wiring),
        "width_px": width_px,
        "height_px": height_px,
        "steps": find_steps(wiring),
        "cfg": find_cfg(wiring, words.conditioners),
        # Several videos at once would be one after the other in a single file.
        "count": Found() if is_video else find_count(wiring),
    }
    if words.candidates:
        return found, (_which_prompt(wiring, words.candidates),)
    if not words.prompt.slots and conditioned(wiring):
        found["prompt"] = Found(note="No input for words was found: it will take none.")
    return found, ()


def _which_prompt(wiring: Wiring, slots: tuple[Slot, ...]) -> Unclear:
    return Unclear(
        what="prompt",
        why="Several texts go into it, and any of them may be the prompt.",
        candidates=tuple(
            Candidate(
                value=f"{slot.node}.{slot.input}",
                label=f"{described(wiring, slot)}, {wiring.graph[slot.node].class_type}, "
                f"now {shown(wiring, slot)}",
            )
            for slot in slots[:_CANDIDATES_MOST]
        ),
    )


def _apart(found: dict[str, Found], chosen: dict[str, Found]) -> dict[str, Found]:
    """No input can hold two things at once: what the operator said counts, and then nothing."""
    said = Counter(slot for its in chosen.values() for slot in its.slots)
    if any(count > 1 for count in said.values()):
        twice = [name for name, its in chosen.items() if any(said[slot] > 1 for slot in its.slots)]
        problem = f"{' and '.join(twice)} would go to the same input. Name another for one of them."
        raise RefusedError("bad-choice", problem)
    apart = {name: its if name in chosen else _without(its, said.keys()) for name, its in found.items()}
    uses = Counter(slot for its in apart.values() for slot in its.slots)
    shared = [name for name, its in apart.items() if any(uses[slot] > 1 for slot in its.slots)]
    for name in shared:
        apart[name] = Found(note=f"{name} stays as it is: {' and '.join(shared)} come from the same input.")
    return apart


def _without(found: Found, taken: Collection[Slot]) -> Found:
    return replace(found, slots=tuple(slot for slot in found.slots if slot not in taken))


def _bounded(
    wiring: Wiring, found: dict[str, Found], choices: Choices, *, is_video: bool
) -> tuple[dict[str, Found], dict[str, Bounds]]:
    bounds: dict[str, Bounds] = {}
    kept = dict(found)
    for name in NUMBERS:
        its = found[name]
        asked = choices.bounds.get(name)
        if asked is not None:
            _check_bounds(wiring, name, its, asked)
            bounds[name] = exact(asked)
        elif its.slots:
            derived = bounds_of(wiring, name, its, is_video=is_video)
            if derived is None:
                kept[name] = replace(its, slots=(), note=f"{name} stays as it is: it is not a whole number.")
            else:
                bounds[name] = derived
    return kept, bounds


def _check_bounds(wiring: Wiring, parameter: str, found: Found, asked: Bounds) -> None:
    parts = (asked.least, asked.most, asked.default, asked.multiple_of)
    if not found.slots:
        problem = f"Bounds are given for {parameter}, which goes nowhere. Name its input as well."
        raise RefusedError("bad-choice", problem)
    if not all(math.isfinite(one) for one in parts):
        raise RefusedError("bad-choice", f"The bounds of {parameter} have to be finite.")
    if parameter != "cfg" and any(one != int(one) for one in parts):
        raise RefusedError("bad-choice", f"The bounds of {parameter} have to be whole numbers.")
    for slot in (*found.slots, *found.ends):
        spec = wiring.spec(slot)
        least, most = limits(spec) if spec else (-math.inf, math.inf)
        if asked.least < least or asked.most > most:
            problem = f"{described(wiring, slot)} goes from {least} to {most}: {parameter} can't go further."
            raise RefusedError("bad-choice", problem)

"""A file's graph, whichever format it came in, cut to what its outputs need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.renderer.importing.choosing import chosen_nodes
from services.renderer.importing.classes import Classes
from services.renderer.importing.editor.canvas import is_canvas, read_canvas
from services.renderer.importing.editor.conversion import Conversion, convert
from services.renderer.importing.extent import listed
from services.renderer.importing.objections import refusals
from services.renderer.importing.outputs import found_outputs, medium
from services.renderer.importing.prompts import read_prompt, unwrapped
from services.renderer.importing.reading import read
from services.renderer.importing.refusal import EXPORT, RefusedError
from services.renderer.importing.wiring import Wiring, circle, cut


class Exported:
    """
    What of a file will be rendered.

    Args:
        text: The file.
        classes: The backend's.
        wanted: Nodes that the operator calls outputs; nothing for all that save something.

    Raises:
        RefusedError: It can't be read, or nothing in it can be rendered.
    """

    def __init__(self, text: str, classes: Classes, wanted: tuple[str, ...] | None) -> None:
        converted = _graph(read(text), classes)
        round_trip = circle(converted.graph)
        if round_trip:
            raise RefusedError(
                "not-a-workflow", f"Nodes depend on each other in a circle: {listed(round_trip)}."
            )
        whole = Wiring(converted.graph, classes)
        self.outputs = _outputs(whole, converted, wanted)
        self.wiring = cut(whole, self.outputs)
        _see_that_it_is_sure(self.wiring, converted)
        wrong = list(refusals(self.wiring))
        if wrong:
            raise RefusedError("unsound", *wrong)
        self.notes = [
            f"{self.wiring.title(node_id)}: {note}."
            for node_id, note in converted.notes.items()
            if node_id in self.wiring.graph
        ]
        left = [whole.title(one) for one in whole.graph if one not in self.wiring.graph]
        if left:
            self.notes.append(f"Left out, for no output needs it: {listed(left)}.")


def _graph(value: Any, classes: Classes) -> Conversion:
    if is_canvas(value):
        return convert(read_canvas(value), classes)
    inner = unwrapped(value)
    if is_canvas(inner):
        return convert(read_canvas(inner), classes)
    return Conversion(graph=read_prompt(inner))


def _outputs(whole: Wiring, converted: Conversion, wanted: tuple[str, ...] | None) -> list[str]:
    if wanted is None:
        found = found_outputs(whole)
        if not found and converted.unknown:
            raise _unsure(whole, converted, converted.unknown)
        if not found:
            problem = "Nothing in it saves or shows a picture, a video or a sound. Add a Save Image node."
            raise RefusedError("unsound", problem)
        return found
    outputs = chosen_nodes(whole, wanted)
    wrong = [whole.title(one) for one in outputs if medium(whole, one) is None]
    if wrong or not outputs:
        there = listed([whole.title(one) for one in whole.graph if medium(whole, one)])
        what = listed(wrong) if wrong else "Nothing"
        problem = f"{what} can't be the output. Nodes that save or show something: {there}."
        raise RefusedError("bad-choice", problem)
    return outputs


def _see_that_it_is_sure(wiring: Wiring, converted: Conversion) -> None:
    unsure = [one for one in wiring.graph if one in converted.doubts]
    if unsure:
        raise _unsure(wiring, converted, unsure)


def _unsure(wiring: Wiring, converted: Conversion, node_ids: Iterable[str]) -> RefusedError:
    reasons = [f"{wiring.title(one)}: {converted.doubts[one]}." for one in sorted(node_ids)]
    why = f"This is the editor's own format, and what ComfyUI would run can't be told from it. {EXPORT}"
    return RefusedError("not-convertible", why, *reasons)

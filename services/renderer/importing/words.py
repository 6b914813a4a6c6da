"""Where a person's words go: upstream of whatever is conditioned by text."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from services.renderer.definition import Slot
from services.renderer.importing.extent import listed
from services.renderer.importing.finding import Found, described
from services.renderer.importing.wiring import Source, Wiring

_CONDITIONING = "CONDITIONING"
_ENCODERS = frozenset(
    {"clip_l", "clip_g", "t5xxl", "llama", "text_g", "text_l", "bert", "mt5xl", "qwen25_7b", "gemma"}
)
"""One node's inputs for the same words, in several encoders."""
_ZEROED = "ConditioningZeroOut"
_SIDES = ("positive", "negative")


class Words(Struct, frozen=True, kw_only=True):
    """
    What was found.

    Attributes:
        prompt: Inputs, when there is no doubt.
        negative: Likewise.
        candidates: Inputs that the prompt might mean, when there is.
        conditioners: Nodes between the prompt and what it conditions.
    """

    prompt: Found = Found()
    negative: Found = Found()
    candidates: tuple[Slot, ...] = ()
    conditioners: tuple[str, ...] = ()


def find_words(wiring: Wiring) -> Words:
    """The prompt's and the negative prompt's places in a graph."""
    ends = conditioned(wiring)
    wanted = _Walk(wiring, [source for slot, source in ends if not is_negative(slot)])
    unwanted = _Walk(wiring, [source for slot, source in ends if is_negative(slot)])
    # What is on both sides is there to be left out of one of them.
    groups = [one for one in wanted.groups if one not in unwanted.groups] or wanted.groups
    if not ends:
        groups = _prompts_without_conditioning(wiring)
    chosen = _chosen(wiring, groups)
    against = [group for group in unwanted.groups if not set(group) & {one for its in groups for one in its}]
    negative = _chosen(wiring, against)
    return Words(
        prompt=Found(slots=chosen),
        negative=Found(
            slots=negative,
            note=f"The negative prompt stays as it is: it could be {_either(wiring, against)}."
            if against and not negative
            else "",
        ),
        candidates=() if chosen else tuple(dict.fromkeys(one for group in groups for one in group)),
        conditioners=tuple(wanted.visited),
    )


def conditioned(wiring: Wiring) -> list[tuple[Slot, Source]]:
    """Inputs by which text reaches what samples: they take conditioning, and their node gives none."""
    return [
        (slot, source)
        for node_id in wiring.graph
        for slot, source in wiring.sources(node_id)
        if wiring.kind(slot) == _CONDITIONING and not _gives_conditioning(wiring, node_id)
    ]


def is_negative(slot: Slot) -> bool:
    """Whether it takes what the picture must not show."""
    return slot.input.startswith("neg") or slot.input.endswith("negative") or "uncond" in slot.input


def _gives_conditioning(wiring: Wiring, node_id: str) -> bool:
    its = wiring.node_class(node_id)
    return its is not None and _CONDITIONING in its.outputs


class _Walk:
    """Upstream along conditioning, collecting by node the inputs that hold text."""

    def __init__(self, wiring: Wiring, sources: Iterable[Source]) -> None:
        self.visited: dict[str, None] = {}
        self._encoded: list[tuple[Slot, ...]] = []
        self._added: list[tuple[Slot, ...]] = []
        self._wiring = wiring
        todo, seen = list(reversed(list(sources))), set[Source]()
        while todo:
            source = todo.pop()
            if source not in seen:
                seen.add(source)
                todo += reversed(self._visit(source))

    @property
    def groups(self) -> list[tuple[Slot, ...]]:
        """By node. What only adds to other texts, such as the words for a box, counts without them only."""
        return list(dict.fromkeys(self._encoded or self._added))

    def _visit(self, source: Source) -> list[Source]:
        if self._wiring.graph[source.node].class_type == _ZEROED:
            return []
        onward = [
            (slot, ahead)
            for slot, ahead in self._wiring.sources(source.node)
            if self._wiring.kind(slot) == _CONDITIONING
        ]
        group = _texts(self._wiring, source.node)
        if source.node not in self.visited and group:
            (self._added if onward else self._encoded).append(group)
        self.visited[source.node] = None
        its = self._wiring.node_class(source.node)
        side = its.output_names[source.slot : source.slot + 1] if its and source.slot >= 0 else ()
        same_side = [ahead for slot, ahead in onward if side and slot.input == side[0] in _SIDES]
        return same_side or [ahead for _, ahead in onward]


def _texts(wiring: Wiring, node_id: str) -> tuple[Slot, ...]:
    """Where the texts that one node encodes are written."""
    slots = [one for one in wiring.slots(node_id) if wiring.kind(one) == "STRING"]
    long = [one for one in slots if (spec := wiring.spec(one)) is not None and spec.meta.get("multiline")]
    return tuple(dict.fromkeys(place for one in long or slots for place in wiring.written(one)))


def _prompts_without_conditioning(wiring: Wiring) -> list[tuple[Slot, ...]]:
    """Nodes that do all by themselves take a prompt by that name."""
    return [
        places
        for node_id in wiring.graph
        for slot in wiring.slots(node_id)
        if "prompt" in slot.input.lower() and not is_negative(slot) and wiring.kind(slot) == "STRING"
        if (places := tuple(wiring.written(slot)))
    ]


def _chosen(wiring: Wiring, groups: list[tuple[Slot, ...]]) -> tuple[Slot, ...]:
    """All the places, if they stand for the same words; none if that can't be told."""
    filled = [group for group in groups if any(wiring.value(one) for one in group)] or groups
    slots = tuple(dict.fromkeys(one for group in filled for one in group))
    one_node = len(filled) == 1 and all(one.input in _ENCODERS for one in slots)
    same = len({str(wiring.value(one)).strip() for one in slots}) == 1
    return slots if one_node or same else ()


def _either(wiring: Wiring, groups: list[tuple[Slot, ...]]) -> str:
    return listed([described(wiring, one) for group in groups for one in group], " or ")

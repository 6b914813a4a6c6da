"""A workflow of the catalogue: a graph, and which of its inputs a person's parameters fill."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas import codec
from schemas.catalogue import Bounds, Command, Kind, WorkflowSpec
from services.renderer.graph import Graph

NUMBERS = ("width_px", "height_px", "steps", "cfg", "count")
"""Fields of ``RenderParams`` that have bounds; the seed has none, where one is taken any is."""

Device = Annotated[str, Meta(pattern=r"^(cpu|[a-z]+:[0-9]{1,2})$")]
"""As ComfyUI-MultiGPU names them: ``cuda:0``, ``cuda:1``, ``cpu``."""

Placement = Literal["auto", "off"] | dict[str, Device]
"""Which device a loader's model goes to, by the node's id or its class; see ``placement.py``."""


def fits(parameter: str, bounds: Bounds, value: float) -> bool:
    """Whether *value* lies within *bounds* and on a step; ``cfg`` has none, it is continuous."""
    on_step = parameter == "cfg" or value % bounds.multiple_of == 0
    return bounds.least <= value <= bounds.most and on_step


class Slot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One input of one node."""

    node: str
    input: str


class PictureSlot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Where a picture to edit goes.

    Attributes:
        node: Node that loads it.
        input: Its input that takes the file's name.
        optional: The graph works without it.
        drop: Nodes that go when it is not given, with every link to them.
    """

    node: str
    input: str = "image"
    optional: bool = False
    drop: tuple[str, ...] = ()


class Model(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A file in a folder of ComfyUI's ``models``.

    Attributes:
        folder: Such as ``vae``.
        name: Of the file, with its subfolder if it lies in one.
        repository: On Hugging Face, where it can be had; empty when nobody said.
    """

    folder: str
    name: str
    repository: str = ""


class Bindings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Which inputs a parameter fills; what is empty, the workflow does not take.

    ``cfg`` is whatever the graph's own guidance is, and ``negative`` stays unbound where the
    sampler would not look at it. Where both are bound, a ``cfg`` of 1 leaves the negative side out.
    """

    prompt: tuple[Slot, ...] = ()
    seed: tuple[Slot, ...] = ()
    negative: tuple[Slot, ...] = ()
    width_px: tuple[Slot, ...] = ()
    height_px: tuple[Slot, ...] = ()
    steps: tuple[Slot, ...] = ()
    cfg: tuple[Slot, ...] = ()
    count: tuple[Slot, ...] = ()

    def of(self, parameter: str) -> tuple[Slot, ...]:
        """Slots of one of ``NUMBERS``."""
        slots: tuple[Slot, ...] = getattr(self, parameter)
        return slots


class Recipe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``workflow.toml``. ``outputs`` are the nodes whose files are the result, in order."""

    command: Command
    title: str
    kind: Kind
    outputs: tuple[str, ...]
    bind: Bindings
    models: tuple[Model, ...] = ()
    bounds: dict[str, Bounds] = {}
    pictures: tuple[PictureSlot, ...] = ()
    placement: Placement = "auto"


class Definition(Struct, frozen=True, kw_only=True):
    """The whole of a workflow: folder name, ``workflow.toml`` and ``prompt.json``."""

    name: str
    recipe: Recipe
    prompt: Graph

    def text(self) -> str:
        """Canonical JSON of the whole, as the log keeps it."""
        return codec.encode(self).decode()

    def digest(self) -> str:
        """
        SHA-256 of ``text``.

        Bounds and title are in it too: whoever holds a digest can tell all that was promised under it,
        and a workflow whose bounds were edited is registered anew.
        """
        return hashlib.sha256(self.text().encode()).hexdigest()

    def spec(self) -> WorkflowSpec:
        """What others need to know of it."""
        pictures = self.recipe.pictures
        return WorkflowSpec(
            name=self.name,
            command=self.recipe.command,
            title=self.recipe.title,
            kind=self.recipe.kind,
            digest=self.digest(),
            takes_prompt=bool(self.recipe.bind.prompt),
            takes_negative=bool(self.recipe.bind.negative),
            takes_seed=bool(self.recipe.bind.seed),
            inputs_min=sum(not picture.optional for picture in pictures),
            inputs_max=len(pictures),
            bounds=self.recipe.bounds,
        )

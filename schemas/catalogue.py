"""What can be rendered, and which backend can do it, as the renderer announces it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Command = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
# A backend's name and a digest become tokens of subjects and names of streams.
BackendName = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,31}$")]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Kind = Literal["image", "edit", "video", "audio"]
BoundBy = Literal["catalogue", "operator"]


class Bounds(Struct, frozen=True, kw_only=True):
    """A parameter's least and greatest value, what it is when not asked for, and its step."""

    least: float
    most: float
    default: float
    multiple_of: float = 1


class WorkflowSpec(Struct, frozen=True, kw_only=True):
    """
    One workflow as far as others need to know it.

    Attributes:
        name: Folder in the catalogue.
        command: What a person types, without the slash.
        title: What a person reads.
        kind: What it makes, and out of what.
        digest: SHA-256 over prompt and bindings: old jobs refer to a workflow by it.
        takes_prompt: It is made of words; without, words are neither needed nor used.
        takes_negative: It can be told in words what must not be seen.
        takes_seed: Chance has a part in it; without, asked the same it makes the same.
        inputs_min: Least number of pictures it edits.
        inputs_max: Greatest number of pictures it edits.
        bounds: Parameters it takes (fields of ``RenderParams``) and how far they go.
    """

    name: str
    command: Command
    title: str
    kind: Kind
    digest: Digest
    takes_prompt: bool = True
    takes_negative: bool = True
    takes_seed: bool = True
    inputs_min: int
    inputs_max: int
    bounds: dict[str, Bounds]

    @property
    def parameters(self) -> tuple[str, ...]:
        """What may be said besides the words: fields of ``RenderParams``, and ``negative``."""
        seed = ("seed",) if self.takes_seed else ()
        negative = ("negative",) if self.takes_negative else ()
        return (*seed, *self.bounds, *negative)


class Lack(Struct, frozen=True, kw_only=True):
    """Something a workflow needs that a backend has not."""

    what: Literal["model", "node"]
    name: str
    folder: str = ""


class BackendReport(Struct, frozen=True, kw_only=True):
    """
    What a look at a backend found.

    Attributes:
        backend: Its name in ``DARKROOM_BACKENDS``.
        reachable: It answered.
        reason: Stable slug of why not, empty when reachable.
        version: ComfyUI's version, empty when unknown.
        devices: Names of its devices.
        simulated: It is the simulator: pictures are placeholders.
        lacks: By workflow digest, what it lacks; an empty tuple means it can do it.
    """

    backend: BackendName
    reachable: bool
    reason: str = ""
    version: str = ""
    devices: tuple[str, ...] = ()
    simulated: bool = False
    lacks: dict[str, tuple[Lack, ...]] = {}

"""What an operator says of a workflow, in flags and in answers to questions. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from schemas.catalogue import Bounds
from schemas.importing import Choices
from services.common.errors import ConfigError

NONE = "none"
"""Said instead of a place: there is none, though one might be found."""

FLAGS = {
    "prompt": "--prompt",
    "negative": "--negative",
    "seed": "--seed",
    "width_px": "--width",
    "height_px": "--height",
    "steps": "--steps",
    "cfg": "--cfg",
    "count": "--count",
    "pictures": "--image",
    "outputs": "--output",
}
"""The flag that answers a question, by what that is about."""

_BOUNDED = {"width": "width_px", "height": "height_px", "steps": "steps", "cfg": "cfg", "count": "count"}


class Flags(Struct, frozen=True, kw_only=True):
    """As typed; ``slots`` by parameter, each ``node.input`` or ``none``."""

    title: str
    slots: Mapping[str, Sequence[str]]
    bounds: Sequence[str]
    images: Sequence[str]
    optional_images: Sequence[str]
    outputs: Sequence[str]


def choices(flags: Flags) -> Choices:
    """
    What the flags say.

    Raises:
        ConfigError: One can't be read; the sentence shows how it is written.
    """
    return Choices(
        title=flags.title.strip(),
        slots={name: _slots(name, said) for name, said in flags.slots.items() if said},
        bounds=dict(_bounds(one) for one in flags.bounds),
        pictures=_pictures(flags.images, flags.optional_images),
        optional=tuple(flags.optional_images),
        outputs=tuple(flags.outputs) or None,
    )


def answered(before: Choices, what: str, values: tuple[str, ...]) -> Choices:
    """*before* with the answer to the question about *what*."""
    match what:
        case "pictures":
            return replace(before, pictures=values)
        case "outputs":
            return replace(before, outputs=values)
        case _:
            return replace(before, slots={**before.slots, what: values})


def _slots(name: str, said: Sequence[str]) -> tuple[str, ...]:
    if list(said) == [NONE]:
        return ()
    for one in said:
        node, _, input_name = one.partition(".")
        if not node or not input_name:
            flag = FLAGS[name]
            raise ConfigError(f"{flag} {one}: write the node's id and its input, like {flag} 6.text.")
    return tuple(said)


def _pictures(images: Sequence[str], optional: Sequence[str]) -> tuple[str, ...] | None:
    if list(images) == [NONE]:
        return ()
    return (*images, *optional) if images else None


def _bounds(said: str) -> tuple[str, Bounds]:
    name, _, numbers = said.partition("=")
    try:
        parts = [float(number) for number in numbers.split(":")]
        least, most, default, step = parts if len(parts) == 4 else (*parts, 1.0)
    except ValueError:
        name = ""
        least = most = default = step = math.nan
    if name not in _BOUNDED or not (least <= default <= most and step > 0 and math.isfinite(most - least)):
        known = ", ".join(_BOUNDED)
        raise ConfigError(
            f"--bounds {said}: write NAME=LEAST:MOST:DEFAULT or NAME=LEAST:MOST:DEFAULT:STEP, like "
            f"--bounds steps=1:50:20. NAME is one of {known}."
        )
    return _BOUNDED[name], Bounds(least=least, most=most, default=default, multiple_of=step)

"""How far a number goes that an import finds: what the nodes allow, cut to what makes sense."""

from __future__ import annotations

import math
from typing import Any

from schemas.catalogue import Bounds
from services.renderer.importing.classes import is_number, limits
from services.renderer.importing.finding import Found
from services.renderer.importing.wiring import Wiring

_SIDE_LEAST_PX, _SIDE_MOST_PX = 64, 2048
_VIDEO_SIDE_MOST_PX = 1280
"""Memory goes with the frames as well."""
_STEPS_MOST, _CFG_MOST, _COUNT_MOST = 50, 10, 4


def bounds_of(wiring: Wiring, parameter: str, found: Found, *, is_video: bool) -> Bounds | None:
    """
    Bounds of *parameter* around its present value; nothing when that is no number, or not whole.

    Nodes of classes that the backend has not don't restrict anything.
    """
    default = wiring.value(found.slots[0])
    if not is_number(default) or (parameter != "cfg" and default != int(default)):
        return None
    specs = [spec for slot in (*found.slots, *found.ends) if (spec := wiring.spec(slot)) is not None]
    low, high = _sensible(parameter, default, is_video=is_video)
    least = min(max([low, *(limits(spec)[0] for spec in specs)]), default)
    most = max(min([high, *(limits(spec)[1] for spec in specs)]), default)
    step = 1
    if parameter != "cfg":
        step = math.gcd(int(default), *_steps([spec.meta.get("step") for spec in specs], parameter))
        least, most = math.ceil(least / step) * step, math.floor(most / step) * step
    return exact(Bounds(least=least, most=most, default=default, multiple_of=step))


def exact(bounds: Bounds) -> Bounds:
    """The same with decimals only, so that it is written the same way again after it was read."""
    return Bounds(
        least=float(bounds.least),
        most=float(bounds.most),
        default=float(bounds.default),
        multiple_of=float(bounds.multiple_of),
    )


def _sensible(parameter: str, default: float, *, is_video: bool) -> tuple[float, float]:
    match parameter:
        case "steps":
            return 1, max(_STEPS_MOST, 2 * default)
        case "cfg":
            return 1, max(_CFG_MOST, 2 * default)
        case "count":
            return 1, _COUNT_MOST
        case _:
            return _SIDE_LEAST_PX, _VIDEO_SIDE_MOST_PX if is_video else _SIDE_MOST_PX


def _steps(given: list[Any], parameter: str) -> list[int]:
    """Of sizes only: how many steps or pictures there are is any whole number."""
    if not parameter.endswith("_px"):
        return [1]
    wholes = [one for one in given if isinstance(one, int) and one > 0]
    return [math.lcm(*wholes)] if wholes else [1]

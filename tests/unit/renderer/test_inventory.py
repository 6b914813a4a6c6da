"""What a backend has is asked for seldom; what it lacks is known of every workflow all the same."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from schemas.catalogue import Lack
from services.renderer.catalogue import OWN, read_workflow
from services.renderer.inventory import FRESH_LACKING_S, FRESH_S, Inventory

FLUX = read_workflow(OWN / "flux-schnell")
MINE = replace(FLUX, name="mine")
EVERYTHING: dict[str, Any] = {node.class_type: {} for node in FLUX.prompt.values()}


class Shelf:
    """A library that a test fills."""

    def __init__(self) -> None:
        self.held = {FLUX.digest(): FLUX}

    def all(self) -> dict[str, Any]:
        """Everything in it."""
        return dict(self.held)


class Backend:
    """A backend that counts how often it is asked for everything it has."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.info = info
        self.asked = 0
        self.asked_for: list[str] = []

    async def object_info(self, node_class: str = "") -> dict[str, Any]:
        """Everything it has, or one class."""
        if node_class:
            self.asked_for.append(node_class)
            return {name: of for name, of in self.info.items() if name == node_class}
        self.asked += 1
        return self.info


def inventory(shelf: Shelf) -> Any:
    """An inventory by that shelf, whose parts are no more than what it uses of them."""
    made: Any = Inventory
    return made(shelf)


async def test_another_workflow_needs_no_other_look() -> None:
    """It is held against what is remembered; what has gone from the library is not told of."""
    shelf, backend = Shelf(), Backend(EVERYTHING)
    remembered = inventory(shelf)
    await remembered.lacks(backend, "0.8.0", 0.0)
    shelf.held[MINE.digest()] = MINE
    both = await remembered.lacks(backend, "0.8.0", 1.0)
    del shelf.held[FLUX.digest()]
    one = await remembered.lacks(backend, "0.8.0", 2.0)

    assert {FLUX.digest(): (), MINE.digest(): ()} == both
    assert {MINE.digest(): ()} == one
    assert 1 == backend.asked


async def test_it_is_looked_up_again_when_it_may_have_changed() -> None:
    """After a while, sooner when something is missing; at once with another version, or in doubt."""
    backend = Backend(EVERYTHING)
    remembered = inventory(Shelf())
    for version, now, asked in (
        ("0.8.0", 0.0, 1),
        ("0.8.0", FRESH_S - 1, 1),
        ("0.8.0", FRESH_S, 2),
        ("0.9.0", FRESH_S + 1, 3),
    ):
        await remembered.lacks(backend, version, now)
        assert asked == backend.asked

    remembered.doubt()
    backend.info = {name: of for name, of in EVERYTHING.items() if name != "SaveImage"}
    lacking = await remembered.lacks(backend, "0.9.0", FRESH_S + 2)
    backend.info = EVERYTHING
    still = await remembered.lacks(backend, "0.9.0", FRESH_S + 1 + FRESH_LACKING_S)
    found = await remembered.lacks(backend, "0.9.0", FRESH_S + 2 + FRESH_LACKING_S)

    assert (Lack(what="node", name="SaveImage"),) == lacking[FLUX.digest()] == still[FLUX.digest()]
    assert () == found[FLUX.digest()]
    assert (4, ["SaveImage"]) == (backend.asked, backend.asked_for)

"""What lies in a backend's input folder, as far as this process knows; its owner may clear it any time."""

from __future__ import annotations

from collections import OrderedDict

_REMEMBERED = 4096


class Shelf:
    """Files that were sent or found there, by the name that their content gives them."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, str] = OrderedDict()

    def find(self, name: str) -> str | None:
        """What nodes call it there; nothing when it is not known to be there."""
        return self._names.get(name)

    def add(self, name: str, taken: str) -> None:
        """It is there, and nodes call it *taken*."""
        self._names[name] = taken
        self._names.move_to_end(name)
        if len(self._names) > _REMEMBERED:
            self._names.popitem(last=False)

    def clear(self) -> None:
        """Something proved to be gone, so the rest may be gone as well."""
        self._names.clear()

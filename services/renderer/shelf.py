"""What lies in a backend's input folder, as far as this process knows; its owner may clear it any time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

_REMEMBERED = 4096


class Shelf:
    """Files that were sent or found there, by the name that their content gives them."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, str] = OrderedDict()
        self._used: OrderedDict[UUID, tuple[str, ...]] = OrderedDict()

    def find(self, name: str) -> str | None:
        """What nodes call it there; nothing when it is not known to be there."""
        return self._names.get(name)

    def add(self, name: str, taken: str) -> None:
        """It is there, and nodes call it *taken*."""
        self._names[name] = taken
        self._names.move_to_end(name)
        if len(self._names) > _REMEMBERED:
            self._names.popitem(last=False)

    def used_by(self, prompt_id: UUID, taken: Iterable[str]) -> None:
        """A prompt is given these files, by the names that nodes call them."""
        self._used[prompt_id] = tuple(dict.fromkeys(taken))
        self._used.move_to_end(prompt_id)
        if len(self._used) > _REMEMBERED:
            self._used.popitem(last=False)

    def used(self, prompt_id: UUID) -> tuple[str, ...]:
        """What a prompt was given, as far as this process knows."""
        return self._used.get(prompt_id, ())

    def purged(self, prompt_id: UUID) -> None:
        """What a prompt was given is deleted there, or will be soon."""
        gone = set(self._used.pop(prompt_id, ()))
        for name, taken in list(self._names.items()):
            if taken in gone:
                del self._names[name]

    def clear(self) -> None:
        """Something proved to be gone, so the rest may be gone as well."""
        self._names.clear()

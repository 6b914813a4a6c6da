"""What has been run: in memory only, oldest first, trimmed."""

from __future__ import annotations

from typing import Any

LIMIT = 10_000

Entry = dict[str, Any]  # prompt, outputs, status, meta


class History:
    """Finished prompts by id. A repeated id overwrites its entry, in its old place."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._entries: dict[str, Entry] = {}

    def add(self, prompt_id: str, entry: Entry) -> None:
        """Keep *entry*; past the limit the oldest one goes."""
        if len(self._entries) > self._limit:
            self._entries.pop(next(iter(self._entries)))
        self._entries[prompt_id] = entry

    def one(self, prompt_id: str) -> dict[str, Entry]:
        """{prompt_id: entry}, or {} for an unknown id."""
        return {prompt_id: self._entries[prompt_id]} if prompt_id in self._entries else {}

    def window(self, max_items: int | None, offset: int) -> dict[str, Entry]:
        """At most *max_items* entries from *offset*; a negative offset means the newest ones."""
        if offset < 0 and max_items is not None:
            offset = len(self._entries) - max_items
        kept: dict[str, Entry] = {}
        for index, (prompt_id, entry) in enumerate(self._entries.items()):
            if index < offset:
                continue
            kept[prompt_id] = entry
            if max_items is not None and len(kept) >= max_items:
                break
        return kept

    def delete(self, prompt_id: Any) -> None:
        """Forget one; unknown ids are ignored."""
        self._entries.pop(prompt_id, None)

    def clear(self) -> None:
        """Forget all."""
        self._entries = {}

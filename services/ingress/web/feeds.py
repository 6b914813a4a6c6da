"""The event streams of this process, which hear at once of the replies that this process takes."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from schemas.replies import Entry

Hear = Callable[[Entry], None]


class Feeds:
    """Who listens here, by session; those in other processes are told over NATS."""

    def __init__(self) -> None:
        self._listening: dict[UUID, set[Hear]] = {}

    def join(self, session_id: UUID, hear: Hear) -> None:
        """Listen to a session from now on; joining twice is joining once."""
        self._listening.setdefault(session_id, set()).add(hear)

    def leave(self, session_id: UUID, hear: Hear) -> None:
        """Listen no more; whoever never joined may leave as well."""
        those = self._listening.get(session_id, set())
        those.discard(hear)
        if not those:
            self._listening.pop(session_id, None)

    def tell(self, entry: Entry) -> None:
        """Tell everybody here who listens to the entry's session."""
        for hear in self._listening.get(entry.session_id, ()):
            hear(entry)

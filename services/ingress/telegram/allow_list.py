"""Who may use the bot, by numeric id. Pure but for its error."""

from __future__ import annotations

from msgspec import Struct

from services.common.errors import ConfigError

_EVERYONE = "*"


class AllowList(Struct, frozen=True, kw_only=True):
    """Ids of people and of chats; a chat on the list lets in everybody in it."""

    everyone: bool
    ids: frozenset[int]

    def admits(self, person_id: int, chat_id: int) -> bool:
        """Whether this person may speak to the bot in this chat."""
        return self.everyone or person_id in self.ids or chat_id in self.ids


def read_allow_list(text: str) -> AllowList:
    """
    The list as ``DARKROOM_ALLOW`` holds it.

    Raises:
        ConfigError: Something on it is no numeric id. Names are refused: their owners can change them.
    """
    parts = {part.strip() for part in text.split(",") if part.strip()}
    try:
        ids = frozenset(int(part) for part in parts - {_EVERYONE})
    except ValueError as exc:
        raise ConfigError(
            f"DARKROOM_ALLOW is {text!r}: list numeric ids separated by commas, or * for everyone. "
            "Names don't count, since anyone may take a name that was given up."
        ) from exc
    return AllowList(everyone=_EVERYONE in parts, ids=ids)

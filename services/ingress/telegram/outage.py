"""Who has been told that nothing can be kept just now. Pure."""

from __future__ import annotations


class Outage:
    """Each chat is told once per outage."""

    def __init__(self) -> None:
        self._told: set[int] = set()

    def is_news_to(self, chat_id: int) -> bool:
        """True the first time a chat meets this outage."""
        is_news = chat_id not in self._told
        self._told.add(chat_id)
        return is_news

    def is_over(self) -> None:
        """Something was kept: the next failure is another outage."""
        self._told.clear()

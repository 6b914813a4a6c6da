"""What was sent lately: what was sent straight away is not sent by the relay again."""

from __future__ import annotations

from collections import OrderedDict

_MOST = 8192


class Sent:
    """
    The last few thousand things that JetStream has and that will not be said otherwise any more.

    Of what is forgotten here, saying it again does no harm.
    """

    def __init__(self) -> None:
        self._said: OrderedDict[str, None] = OrderedDict()

    def note(self, says: str) -> None:
        """It was sent, and acknowledged."""
        self._said[says] = None
        if len(self._said) > _MOST:
            self._said.popitem(last=False)

    def __contains__(self, says: str) -> bool:
        """Whether that was sent."""
        return says in self._said

"""Whether the network knows our hidden services: an address that nobody can look up is not up yet. Pure."""

from __future__ import annotations

from collections.abc import Iterable


class Publication:
    """
    What was said of descriptors since ``anon`` started.

    A service has two descriptors, for two periods of time, each kept by several relays; which of the two a
    client asks for depends on its clock. One upload will do to be found soon; readers may wait for more.
    """

    def __init__(self, addresses: Iterable[str] = ()) -> None:
        self._kept_by: dict[str, set[str]] = {_label(address): set() for address in addresses}

    def begin(self, addresses: Iterable[str]) -> None:
        """``anon`` has started anew, with services at these *addresses*."""
        self._kept_by = {_label(address): set() for address in addresses}

    def heard(self, action: str, address: str, relay: str) -> bool:
        """
        An ``HS_DESC`` event came.

        Args:
            action: Its kind; only ``UPLOADED`` means that a relay has taken it.
            address: Of the service, with or without a suffix.
            relay: Which one.

        Returns:
            Whether that service is published only since now.
        """
        kept_by = self._kept_by.get(_label(address))
        if action != "UPLOADED" or kept_by is None:
            return False
        is_first = not kept_by
        kept_by.add(relay)
        return is_first

    def is_published(self, address: str) -> bool:
        """Whether a relay has its descriptor."""
        return bool(self._kept_by.get(_label(address)))

    def missing(self) -> list[str]:
        """Addresses, without suffix, that nobody can look up yet."""
        return [label for label, kept_by in self._kept_by.items() if not kept_by]


def _label(address: str) -> str:
    return address.partition(".")[0].lower()

"""Whether anything goes around the tunnel, as the processes in question find out about themselves."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import Struct

Position = Literal["tunnel", "renderer"]
"""Where in the network a check is made: what one process may reach says nothing of another's."""

Mode = Literal["anon", "direct"]
"""The way that leads to backends: the Anyone network, or this machine's loopback."""

Verdict = Literal["verified", "leaked", "inconclusive"]


class Checked(Struct, frozen=True, kw_only=True):
    """
    What one check came to.

    Attributes:
        process: Of which process; after a restart it is another.
        mode: The way that it is told to use.
        code: Stable slug of the reason.
        details: Facts for the operator: ports and counts, never an address or a name.
    """

    process: UUID
    mode: Mode
    code: str
    details: dict[str, str] = {}

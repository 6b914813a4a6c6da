"""``darkroom tunnel new-identity``: what begins from now on shares no circuit with what was before."""

from __future__ import annotations

from services.cli import running_tunnel
from services.cli.outcome import Outcome, print_json


async def run(url: str, *, as_json: bool) -> Outcome:
    """
    Change it.

    Raises:
        UnavailableError: Nothing answers at *url*.
        TunnelRefusedError: There is none to change, or the tunnel is down.
    """
    await running_tunnel.new_identity(url)
    if as_json:
        print_json({"ok": True})
    else:
        print("From now on everything goes over new circuits. What is under way ends on its old one.")
    return Outcome.HOLDS

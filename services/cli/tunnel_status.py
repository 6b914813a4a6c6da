"""``darkroom tunnel status``: how far it is in the network, over which relays, and what it carries."""

from __future__ import annotations

from services.cli import running_tunnel
from services.cli.outcome import Outcome, print_json
from services.cli.tunnel_words import words


async def run(url: str, *, as_json: bool) -> Outcome:
    """
    Print how the tunnel at *url* stands; it holds when it is up.

    Raises:
        UnavailableError: Nothing answers there.
        TunnelRefusedError: It does not say.
    """
    found = await running_tunnel.status(url)
    if as_json:
        print_json({"ok": found.is_up, "status": found})
    else:
        for line in words(found):
            print(line)
    return Outcome.HOLDS if found.is_up else Outcome.DOES_NOT_HOLD

"""Sentences that only a page needs; all others are ``texts``'. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from services.ingress import texts

_SENTENCES = {
    "bad-request": "That request was not one of this page's. Reload the page and try again.",
    "busy": "Too many pictures are being sent right now. Nothing was kept; try again in a minute.",
    "not-able-now": "no machine here can do this just now",
    "no-session": "This session has ended. Reload the page to start a new one.",
    "not-by-our-page": "That came from another site, so nothing was done.",
    "not-found": "There is no such picture here.",
    "stopping": "Darkroom is restarting, so this was not kept. Please send it again in a moment.",
    "text-too-long": "That text is far too long to send. Please shorten it.",
    "too-many-streams": "This chat is open in too many windows. Close one of them.",
    "too-many-uploads": "Several messages are still on their way. Wait for one, then send this again.",
    "too-slow": "The connection stalled, so this was not kept. Please send it again.",
    "upload-incomplete": "The connection broke before all of it was here. Please send it again.",
    "waiting": "The studio is out of reach. What you sent before is safe; anything new has to wait.",
    "wrong-host": "This page is not served under that name. Its owner can add it to DARKROOM_WEB_HOSTS.",
    "simulated": "No real machine is connected: pictures come from a simulator, with no model behind them.",
}


def sentence(code: str, details: Mapping[str, str]) -> str:
    """What to say for *code*, the page's own or any channel's."""
    return _SENTENCES.get(code) or texts.sentence(code, details)

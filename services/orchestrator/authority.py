"""
Who may say what. Pure.

NATS lets each service publish on its own part of INBOX only, so the subject tells who speaks. Without this a
channel, which strangers talk to, could import a workflow or report a picture under its own subject.
"""

from __future__ import annotations

from schemas import subjects
from schemas.commands import BindWorkflow, Command, ImportWorkflow
from schemas.facts import EgressChecked, Fact

_COMMANDS = "inbox.command."
_FACTS = "inbox.fact."


def may_say(subject: str, body: Command | Fact) -> bool:
    """Whether *body* is for those to say who may publish on *subject*."""
    if isinstance(body, ImportWorkflow | BindWorkflow):
        return subject == subjects.inbox_operator()
    if isinstance(body, EgressChecked):
        return subject == subjects.inbox_egress(body.position)
    return subject.startswith(_FACTS if isinstance(body, Fact) else _COMMANDS)

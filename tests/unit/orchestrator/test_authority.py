"""Who may say what on INBOX."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from schemas import subjects
from schemas.commands import BindWorkflow, Command, ImportWorkflow
from schemas.facts import EgressChecked, Fact
from services.orchestrator.authority import may_say
from tests.builders import MESSAGES, members, message, tag

CHANNEL = subjects.inbox_command(UUID(int=1))
RENDERER = subjects.inbox_fact("gpu")
OPERATOR = subjects.inbox_operator()
TUNNEL, OTHER_POSITION = subjects.inbox_egress("tunnel"), subjects.inbox_egress("renderer")

_OPERATORS = (ImportWorkflow, BindWorkflow)
_SAID = [one for one in MESSAGES if type(one) in (*members(Command), *members(Fact))]


@pytest.mark.parametrize("body", _SAID, ids=tag)
def test_each_message_is_for_one_kind_of_sender_to_say(body: msgspec.Struct) -> None:
    """Imports and bindings are the operator's, all other commands the channels', facts the renderer's."""
    own = OPERATOR if isinstance(body, _OPERATORS) else RENDERER if isinstance(body, Fact) else CHANNEL
    if isinstance(body, EgressChecked):
        own = TUNNEL
    everywhere = (CHANNEL, RENDERER, OPERATOR, TUNNEL, OTHER_POSITION)

    assert [own] == [where for where in everywhere if may_say(where, body)]


def test_a_position_speaks_for_itself_alone() -> None:
    """What the tunnel may say of itself a renderer may not say of the tunnel."""
    of_renderer = message(EgressChecked, position="renderer")

    assert may_say(OTHER_POSITION, of_renderer)
    assert not may_say(TUNNEL, of_renderer)


def test_every_message_of_inbox_is_looked_at() -> None:
    """There is an example of each above."""
    assert {*members(Command), *members(Fact)} == {type(one) for one in _SAID}

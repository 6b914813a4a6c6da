"""Who may say what on INBOX."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from schemas import subjects
from schemas.commands import BindWorkflow, Command, ImportWorkflow
from schemas.facts import Fact
from services.orchestrator.authority import may_say
from tests.builders import MESSAGES, members, tag

CHANNEL = subjects.inbox_command(UUID(int=1))
RENDERER = subjects.inbox_fact("gpu")
OPERATOR = subjects.inbox_operator()

_OPERATORS = (ImportWorkflow, BindWorkflow)
_SAID = [one for one in MESSAGES if type(one) in (*members(Command), *members(Fact))]


@pytest.mark.parametrize("body", _SAID, ids=tag)
def test_each_message_is_for_one_kind_of_sender_to_say(body: msgspec.Struct) -> None:
    """Facts are the renderer's, imports and bindings the operator's, all other commands the channels'."""
    own = OPERATOR if isinstance(body, _OPERATORS) else RENDERER if isinstance(body, Fact) else CHANNEL

    assert [own] == [where for where in (CHANNEL, RENDERER, OPERATOR) if may_say(where, body)]


def test_every_message_of_inbox_is_looked_at() -> None:
    """There is an example of each above."""
    assert {*members(Command), *members(Fact)} == {type(one) for one in _SAID}

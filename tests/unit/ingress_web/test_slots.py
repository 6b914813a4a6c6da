"""Limits on what is held at once."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from services.ingress.web.problem import ProblemError
from services.ingress.web.slots import Slots, UploadMemory
from tests.builders import uuid

ONE, TWO = uuid(1), uuid(2)


def test_a_session_has_its_own_slots() -> None:
    """One more than there are is refused with 429; another session is not in the way."""
    slots = Slots(2, "too-many-uploads")
    with slots.taken(ONE), slots.taken(ONE), slots.taken(TWO):
        with pytest.raises(ProblemError, match="too-many-uploads") as refused, slots.taken(ONE):
            pass
        assert 429 == refused.value.status


def test_a_slot_is_given_back() -> None:
    """Also when its holder fails; and nothing is kept of a session that holds none."""
    slots = Slots(1, "too-many-uploads")
    for _ in range(3):
        with pytest.raises(KeyError), slots.taken(ONE):
            raise KeyError
    assert 0 == len(slots._taken)


def test_all_uploads_share_their_memory() -> None:
    """What one holds another can't have, until it ends."""
    memory = UploadMemory(100)
    with ExitStack() as stack:
        take = stack.enter_context(memory.share())
        take(60)
        with memory.share() as other:
            other(40)
            with pytest.raises(ProblemError, match="busy") as refused:
                other(1)
        take(40)
    with memory.share() as take:
        take(100)

    assert 503 == refused.value.status

"""What one process is at."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from services.renderer.errors import AlreadyUnderwayError
from services.renderer.underway import Underway


def test_an_attempt_is_entered_once() -> None:
    """The second delivery is turned away until the first has ended."""
    underway, prompt_id = Underway(), uuid4()
    with underway.entered(prompt_id):
        with pytest.raises(AlreadyUnderwayError), underway.entered(prompt_id):
            pass
        with underway.entered(uuid4()):
            pass
    with underway.entered(prompt_id):
        pass


async def test_a_cancellation_waits_for_the_submission_on_its_way() -> None:
    """When it goes on, the prompt is either queued or will never be."""
    underway, prompt_id = Underway(), uuid4()
    with underway.entered(prompt_id):
        async with underway.submitting(prompt_id):
            cancelling = asyncio.ensure_future(underway.cancel(prompt_id))
            await asyncio.sleep(0)
            assert underway.is_cancelled(prompt_id)
            assert not cancelling.done()
        await asyncio.wait_for(cancelling, 1)


async def test_a_cancellation_of_what_is_not_here_waits_for_nothing() -> None:
    """And is remembered for when it comes."""
    underway, prompt_id = Underway(), uuid4()
    await asyncio.wait_for(underway.cancel(prompt_id), 1)

    assert underway.is_cancelled(prompt_id)
    assert not underway.is_cancelled(uuid4())

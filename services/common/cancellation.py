"""
Cancellations that got lost on the way.

Until Python 3.12 ``asyncio.wait_for``, which libraries use, drops a cancellation that comes together with
what was waited for; and a clean-up that fails hides one behind its own error. A task that goes on then
keeps its task group waiting for ever: a service that has failed would neither work nor end.
"""

from __future__ import annotations

import asyncio


def heed() -> None:
    """Raise ``CancelledError`` if the present task was asked to end, whatever became of that."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError

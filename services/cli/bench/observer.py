"""What passes on NATS, and when: a job's way through Darkroom, seen from outside. Contents stay sealed."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from nats.aio.msg import Msg

from schemas import codec
from schemas.commands import RequestRender
from schemas.dispatch import RenderAttempt
from schemas.envelope import Message
from schemas.facts import RenderSucceeded
from schemas.replies import Entry
from services.cli.bench.bare_client import QueueLength
from services.common import bus as bus_module
from services.common.errors import UnavailableError

_SUBJECTS = ("inbox.>", "render.>", "reply.>")
_DECODE: dict[str, Callable[[bytes], Message[Any]]] = {
    "inbox": codec.decode_inbox,
    "render": codec.decode_dispatch,
    "reply": codec.decode_reply,
}

STAGES = (
    "said → command on INBOX",
    "command → order on RENDER",
    "order → queued at ComfyUI",
    "queued → rendered",
    "rendered → fact on INBOX",
    "fact → entry on REPLIES",
    "entry → shown",
    "shown → picture's bytes",
)
"""Between two of a job's moments each; ``Moments.stages`` gives the seconds in this order."""


class Seen(Struct, frozen=True, kw_only=True):
    """A message, as it was published: the stream it goes to may not have it yet."""

    at_s: float
    subject: str
    data: bytes


class Moments(Struct, frozen=True, kw_only=True):
    """
    When one job came how far, in seconds of ``time.perf_counter``.

    Attributes:
        said_s: ``POST /say`` began.
        command_s: The command was put on INBOX.
        order_s: The order was put on RENDER.
        queued_s: The backend had the prompt.
        rendered_s: The backend had none any more.
        fact_s: ``RenderSucceeded`` was put on INBOX.
        entry_s: The entry was put on REPLIES.
        shown_s: The page had the entry.
        fetched_s: The page had the picture's bytes.
    """

    said_s: float
    command_s: float
    order_s: float
    queued_s: float
    rendered_s: float
    fact_s: float
    entry_s: float
    shown_s: float
    fetched_s: float

    @property
    def job_s(self) -> float:
        """From the command being handed in to its channel showing the outcome."""
        return self.shown_s - self.command_s

    @property
    def page_s(self) -> float:
        """From the first byte of what was said to the last one of the picture."""
        return self.fetched_s - self.said_s

    def stages(self) -> list[float]:
        """How long each of ``STAGES`` took."""
        moments: tuple[float, ...] = msgspec.structs.astuple(self)
        return [after - before for before, after in pairwise(moments)]


class Observer:
    """
    Hears all that passes. Made by ``observing``.

    Attributes:
        seen: Since it was cleared.
    """

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    async def hear(self, message: Msg) -> None:
        """Note a message and when it came; it is read later, when no time is taken."""
        self.seen.append(Seen(at_s=time.perf_counter(), subject=message.subject, data=message.data))


@asynccontextmanager
async def observing(nats_url: str) -> AsyncGenerator[Observer]:
    """
    An observer, as the operator's user, while the block runs.

    Raises:
        BusDownError: NATS does not answer.
    """
    observer = Observer()
    bus = await bus_module.connect(nats_url, "cli")
    try:
        for subject in _SUBJECTS:
            await bus.subscribe(subject, observer.hear)
        yield observer
    finally:
        await bus.close()


def moments(
    job_id: UUID,
    seen: Sequence[Seen],
    lengths: Sequence[QueueLength],
    *,
    said_s: float,
    shown_s: float,
    fetched_s: float,
) -> Moments:
    """
    One job's moments, out of what passed while it was the only one.

    How often it was shown on the way does not matter: its entry counts once it says that the job is done.

    Raises:
        UnavailableError: Something is missing: messages got lost, or others were at work too.
    """
    passed = [(one.at_s, _body(one)) for one in seen]
    queued_s = _first(one.at_s for one in lengths if one.remaining)
    return Moments(
        said_s=said_s,
        command_s=_first(at_s for at_s, one in passed if _is_of(job_id, one, RequestRender)),
        order_s=_first(at_s for at_s, one in passed if _is_of(job_id, one, RenderAttempt)),
        queued_s=queued_s,
        rendered_s=_first(one.at_s for one in lengths if not one.remaining and one.at_s > queued_s),
        fact_s=_first(at_s for at_s, one in passed if _is_of(job_id, one, RenderSucceeded)),
        entry_s=_first(at_s for at_s, one in passed if _is_outcome(job_id, one)),
        shown_s=shown_s,
        fetched_s=fetched_s,
    )


def _body(one: Seen) -> object:
    """What was said; nothing when it can't be read."""
    try:
        return _DECODE[one.subject.partition(".")[0]](one.data).body
    except msgspec.DecodeError:
        return None


def _is_of(job_id: UUID, one: object, kind: type[RequestRender | RenderAttempt | RenderSucceeded]) -> bool:
    return isinstance(one, kind) and one.job_id == job_id


def _is_outcome(job_id: UUID, one: object) -> bool:
    return isinstance(one, Entry) and one.entry_id == job_id and one.status == "done"


def _first(times: Iterable[float]) -> float:
    found = next(iter(times), None)
    if found is None:
        raise UnavailableError("A job's way could not be followed: something of it was not seen.")
    return found

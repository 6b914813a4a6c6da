"""
What there is to show, on ``reply.<channel>.<session>``.

A reply is a state, not a step: an ``Entry`` says how a thing stands at ``version``, a channel shows
the newest it has and ignores older ones, so a reply delivered twice shows nothing twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from schemas.media import MediaRef
from schemas.params import RenderParams

Status = Literal["queued", "preparing", "running", "cancelling", "done", "failed", "cancelled", "answered"]


class Picture(Struct, frozen=True, kw_only=True):
    """A picture to show. Its key is asked for when its bytes are fetched (``schemas.queries``)."""

    image_id: UUID
    media: MediaRef


class Entry(Struct, frozen=True, kw_only=True, tag="entry.v1"):
    """
    How a job, or an answer in words, stands.

    Attributes:
        entry_id: The job's id, or the answer's.
        session_id: Whose it is.
        version: Grows with every change of this entry.
        at: When it was asked.
        status: Where it stands. ``answered`` is not a job: the words are all there is.
        code: What to say: an answer's or a failure's slug, empty otherwise.
        details: Facts for the words.
        command: Without the slash, empty for answers.
        title: The workflow's title, empty for answers.
        params: As rendered, with the seed if it takes one.
        position: Place in the queue from 1, 0 when not queued.
        eta_s: Expected seconds until the picture, 0 when nothing was measured yet.
        attempt: The attempt under way or the last one.
        simulated: It was made by the simulator.
        inputs: Pictures it was asked with.
        pictures: Pictures it made.
        private: Sealed ``EntrySecrets``, associated with ``entry_id``.
    """

    entry_id: UUID
    session_id: UUID
    version: int
    at: datetime
    status: Status
    code: str = ""
    details: dict[str, str] = {}
    command: str = ""
    title: str = ""
    params: RenderParams = RenderParams()
    position: int = 0
    eta_s: float = 0.0
    attempt: int = 0
    simulated: bool = False
    inputs: tuple[Picture, ...] = ()
    pictures: tuple[Picture, ...] = ()
    private: bytes


Reply = Entry

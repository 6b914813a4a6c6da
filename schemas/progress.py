"""How far a render is, on core NATS ``progress.<channel>.<session>.<job>``: lost when nobody listens."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct


class Progress(Struct, frozen=True, kw_only=True, tag="progress.v1"):
    """
    A running attempt's progress.

    Attributes:
        job_id: The job.
        attempt: Its attempt.
        stage: What it is at.
        node: Title of the node that runs, from the workflow: never the person's words.
        step: Step of ``steps``; both 0 while a node doesn't count.
        steps: Steps of the node in all.
        percent: Of the whole attempt, 0 to 100.
        preview: A small JPEG of the picture as it grows, sealed under the transport key, associated with
            ``job_id``; empty when there is no new one.
    """

    job_id: UUID
    attempt: int
    stage: str
    node: str = ""
    step: int = 0
    steps: int = 0
    percent: float = 0.0
    preview: bytes = b""

"""What the orchestrator asks of a renderer, on ``render.<backend>.{attempt,cancel}``."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from schemas.channel import Channel
from schemas.media import MediaRef
from schemas.params import RenderParams


class RenderAttempt(Struct, frozen=True, kw_only=True, tag="attempt.render.v1"):
    """
    Render one attempt and publish what came of it.

    Attributes:
        job_id: The job.
        attempt: Counts from 1.
        prompt_id: ComfyUI's id for it, derived from the two.
        chain_id: Pseudonym of the image chain: what the tunnel isolates circuits by.
        session_id: For progress only.
        channel: Likewise.
        backend: Where.
        workflow: Digest; the renderer knows it or rejects the attempt.
        params: With every default filled in but the size of edits.
        free_memory: Have the backend drop its models before (``POST /free``).
        inputs: Pictures in the media store, in order.
        private: Sealed ``DispatchSecrets``, associated with ``job_id``.
    """

    job_id: UUID
    attempt: int
    prompt_id: UUID
    chain_id: UUID
    session_id: UUID
    channel: Channel
    backend: str
    workflow: str
    params: RenderParams
    free_memory: bool = False
    inputs: tuple[MediaRef, ...]
    private: bytes


class CancelAttempt(Struct, frozen=True, kw_only=True, tag="attempt.cancel.v1"):
    """Stop one attempt wherever it is, then confirm by looking."""

    job_id: UUID
    attempt: int
    prompt_id: UUID
    backend: str


Dispatch = RenderAttempt | CancelAttempt

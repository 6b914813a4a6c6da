"""How much one person and one backend may have at once, and how long a job waits."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """
    A deployment's limits.

    Attributes:
        open_jobs: How many unfinished jobs one person may have.
        running_jobs: How many of them may be with backends.
        staged_jobs: How many jobs a backend is given beside the one that it runs: their inputs cross the
            tunnel meanwhile, and the GPU does not wait for them.
        queue_patience_s: After so long without any backend that can do it a job fails.
    """

    open_jobs: int
    running_jobs: int
    staged_jobs: int
    queue_patience_s: float

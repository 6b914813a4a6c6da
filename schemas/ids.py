"""
Ids that are derived, so that deciding or delivering twice names the same thing.

Every id here is a UUIDv5 of what it stands for. Nothing private goes in: sessions, persons and
message references are HMACs made by ``services.common.pseudonym`` before they get here.
"""

from __future__ import annotations

from uuid import UUID, uuid5

_ROOT = UUID("6f1a2c1e-6d0b-5d3e-9a3c-0d6b1f0c4d52")


def job_id(session_id: UUID, request: str) -> UUID:
    """The job asked for by *request*: Telegram's update id, or the id the page made."""
    return uuid5(session_id, f"job:{request}")


def entry_id(session_id: UUID, request: str) -> UUID:
    """The answer to something said in a session that is not a job."""
    return uuid5(session_id, f"entry:{request}")


def prompt_id(job: UUID, attempt: int) -> UUID:
    """ComfyUI's ``prompt_id`` of one attempt, so that a lost reply can be looked up."""
    return uuid5(job, f"attempt:{attempt}")


def image_id(job: UUID, attempt: int, index: int) -> UUID:
    """The *index*-th picture of one attempt."""
    return uuid5(job, f"image:{attempt}:{index}")


def event_id(cause: UUID, index: int) -> UUID:
    """The *index*-th event that one message caused."""
    return uuid5(cause, f"event:{index}")


def message_id(*parts: object) -> UUID:
    """A message named by what it says: the same parts are the same message."""
    return uuid5(_ROOT, "message:" + ":".join(str(part) for part in parts))

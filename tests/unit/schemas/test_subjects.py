"""Names on NATS."""

from __future__ import annotations

import pytest

from schemas import subjects
from schemas.events.job import JobDispatched
from tests.builders import JOB, SESSION, event, tag


@pytest.mark.parametrize(
    ("stream", "subject"),
    [
        (subjects.INBOX, subjects.inbox_command(SESSION)),
        (subjects.INBOX, subjects.inbox_fact("gpu")),
        (subjects.RENDER, subjects.render_attempt("gpu")),
        (subjects.RENDER, subjects.render_cancel("gpu")),
        (subjects.REPLIES, subjects.reply("web", SESSION)),
        (subjects.EVENTS, subjects.event(tag(event(JobDispatched)), f"job-{JOB}")),
        (subjects.PARKED, subjects.parked("inbox")),
    ],
)
def test_every_durable_subject_is_in_one_stream(stream: str, subject: str) -> None:
    """In its own, and in no other, or a message would be kept twice or not at all."""
    holding = [
        name
        for name, patterns in subjects.STREAM_SUBJECTS.items()
        if any(subject.startswith(pattern.removesuffix(">")) for pattern in patterns)
    ]
    assert [stream] == holding


@pytest.mark.parametrize(
    "subject", [subjects.progress("web", SESSION, JOB), subjects.query("channel"), subjects.query("renderer")]
)
def test_what_is_not_kept_is_in_no_stream(subject: str) -> None:
    """Progress and questions are lost when nobody listens."""
    prefixes = [p.removesuffix(">") for patterns in subjects.STREAM_SUBJECTS.values() for p in patterns]

    assert not [prefix for prefix in prefixes if subject.startswith(prefix)]


def test_a_channel_hears_its_own_replies_only() -> None:
    """One token for the session, under the channel's name."""
    assert f"reply.web.{SESSION}" == subjects.reply("web", SESSION)
    assert "reply.web.*" == subjects.replies_of("web")

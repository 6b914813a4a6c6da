"""Where the time of a picture went."""

from __future__ import annotations

from services.cli.time_spent import PHASES, time_spent


def test_each_status_is_its_phase() -> None:
    """Each phase lasts from its first sign to the next one's; nothing is counted twice."""
    marks = [("sent", 10.0), ("queued", 10.5), ("preparing", 12.0), ("running", 12.25), ("done", 20.0)]

    assert {
        "start-up": 3.0,
        "queued": 2.0,
        "preparing": 0.25,
        "rendering": 7.75,
        "delivering": 1.0,
    } == time_spent(marks, startup_s=3.0, saved_at=21.0)


def test_retried_render_counts_all_its_attempts() -> None:
    """A job that went back into the queue has both its waits in one number."""
    marks = [("sent", 0.0), ("running", 1.0), ("queued", 3.0), ("running", 4.0), ("done", 6.0)]
    spent = time_spent(marks, startup_s=0.0, saved_at=6.0)

    assert (2.0, 4.0) == (spent["queued"], spent["rendering"])


def test_phases_come_in_their_order() -> None:
    """A picture that was there at once still has every phase, in the order they are told."""
    assert list(PHASES) == list(time_spent([("sent", 1.0), ("done", 1.0)], startup_s=0.0, saved_at=1.0))

"""What ``darkroom doctor`` finds, and what its findings come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from services.cli.outcome import Outcome

Verdict = Literal["holds", "fails", "unknown"]


class Finding(Struct, frozen=True, kw_only=True):
    """
    One thing that was looked at.

    Attributes:
        what: What was looked at.
        verdict: Whether it is as it should be.
        detail: What was found.
        remedy: What to do when it is not; empty when there is nothing to do.
    """

    what: str
    verdict: Verdict
    detail: str
    remedy: str = ""


def outcome(findings: Sequence[Finding]) -> Outcome:
    """The exit code: one that fails outweighs one that could not be told."""
    verdicts = {finding.verdict for finding in findings}
    if "fails" in verdicts:
        return Outcome.DOES_NOT_HOLD
    return Outcome.COULD_NOT_TELL if "unknown" in verdicts else Outcome.HOLDS

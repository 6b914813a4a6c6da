"""What measurements of the tunnel come to."""

from __future__ import annotations

import random

import pytest

from services.cli.bench.machine import this_machine
from services.cli.bench.overhead_command import outcome
from services.cli.bench.sample import Difference, Ratio, Summary, ratio
from services.cli.bench.tunnel import Passage, Tunnel
from services.cli.bench.tunnel_report import lines, verdicts
from services.cli.outcome import Outcome

TIMES = Summary(median_ms=12.5, p90_ms=20.0)
PASSAGE = Passage(fresh=TIMES, small=TIMES, socket=TIMES, down_mib_s=4.2, up_mib_s=1.1)
ADDED = Difference(median_ms=1.0, low_ms=0.5, high_ms=1.5)
EQUAL = Ratio(median=1.0, low=0.97, high=1.04)


def measured(*, added: Difference = ADDED, down: Ratio = EQUAL, up: Ratio = EQUAL) -> Tunnel:
    """A measurement with these differences."""
    return Tunnel(
        rounds=20, size_mib=8, ways={"socks": PASSAGE, "tunnel": PASSAGE}, added=added, down=down, up=up
    )


def test_a_ratio_is_of_partners() -> None:
    """However much the rounds differ among themselves: each took twice as long as its partner."""
    ones = [0.5, 3.0, 1.0, 8.0]

    found = ratio(ones, [2 * one for one in ones], choose=random.Random(1).choice)

    assert (2.0, 2.0, 2.0) == (found.median, found.low, found.high)


def test_partners_are_needed() -> None:
    """Half a pair is a mistake of the measurement."""
    with pytest.raises(ValueError, match="zip"):
        ratio([1.0], [1.0, 2.0], choose=random.Random(1).choice)


@pytest.mark.parametrize(
    ("found", "expected", "code"),
    [
        (measured(), "holds holds holds", Outcome.HOLDS),
        (measured(down=Ratio(median=1.0, low=0.9, high=1.1)), "holds unknown holds", Outcome.COULD_NOT_TELL),
        (measured(up=Ratio(median=0.9, low=0.8, high=0.94)), "holds holds fails", Outcome.DOES_NOT_HOLD),
        (
            measured(added=Difference(median_ms=4, low_ms=3.5, high_ms=6)),
            "fails holds holds",
            Outcome.DOES_NOT_HOLD,
        ),
        (
            measured(added=Difference(median_ms=2, low_ms=1, high_ms=4)),
            "unknown holds holds",
            Outcome.COULD_NOT_TELL,
        ),
    ],
)
def test_a_target_is_met_missed_or_open(found: Tunnel, expected: str, code: Outcome) -> None:
    """It is open while the interval is on both sides of it; what fails decides the exit code."""
    said = verdicts(found)

    assert expected.split() == [said["added"], said["down"], said["up"]]
    assert code == outcome(said)


def test_it_is_told_in_words() -> None:
    """Every way, every number that a target is about, and whether it holds."""
    text = "\n".join(lines(measured(), this_machine()))

    for words in (
        "bare SOCKS",
        "Darkroom's tunnel",
        "4.20 MiB/s",
        "12.5 ms",
        "less than 3 ms",
        "at least 95%",
    ):
        assert words in text
    assert 3 == text.count("It holds.")

"""Workflows in words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from msgspec.structs import replace

from schemas.catalogue import Bounds, Lack
from schemas.importing import Candidate, Studied, Unclear
from services.cli.workflow_words import able, asked, found, lack, moment
from tests.builders import LACK, REPORT, SPEC

STUDIED = Studied(
    spec=replace(SPEC, title="Mine", bounds={"steps": Bounds(least=1, most=50, default=20, multiple_of=5)}),
    definition="{}",
    found={"outputs": "“Save” (9)", "steps": "steps of “Sampler” (3)", "prompt": "text of “Words” (6)"},
    backend="gpu",
    warnings=("Nothing takes a size.",),
)


def test_what_was_found_is_told_in_the_order_of_the_flags() -> None:
    """Whatever order it came in; each with how far it goes."""
    assert [
        "a.json as /f: Mine (image)",
        "  prompt   text of “Words” (6)",
        "  steps    steps of “Sampler” (3); 1 to 50 in steps of 5, 20 unless asked",
        "  outputs  “Save” (9)",
        "  Note: Nothing takes a size.",
    ] == list(found(STUDIED, "a.json"))


def test_a_workflow_that_takes_nothing() -> None:
    """There is still something to say of it."""
    assert ["a.json as /f: Mine (image)"] == list(found(replace(STUDIED, found={}, warnings=()), "a.json"))


def test_who_can_render_it() -> None:
    """Who answers and lacks nothing; who was not asked of it can't."""
    poor = replace(REPORT, backend="poor", lacks={SPEC.digest: (LACK,)})
    off = replace(REPORT, backend="off", reachable=False)

    assert ("gpu",) == able([REPORT, poor, off, replace(REPORT, backend="new", lacks={})], SPEC.digest)


def test_where_what_is_missing_goes() -> None:
    """A model into its folder; a node comes with an extension."""
    assert lack(LACK).endswith("put it into ComfyUI's models/diffusion_models")
    assert "install the extension" in lack(Lack(what="node", name="Fancy"))


def test_questions_are_flags_to_type() -> None:
    """A node for what is asked of nodes."""
    question = Unclear(
        what="outputs", why="Two nodes save.", candidates=(Candidate(value="9", label="Save Image"),)
    )

    assert ["Two nodes save.", "  --output 9  Save Image"] == list(asked([question]))


def test_a_time_is_utc() -> None:
    """Wherever the operator is."""
    at = datetime(2026, 11, 24, 1, 30, tzinfo=timezone(timedelta(hours=2)))

    assert "2026-11-23 23:30 UTC" == moment(at)

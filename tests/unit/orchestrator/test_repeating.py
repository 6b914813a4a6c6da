"""What a job means when it is wanted once more, though its command was bound to something else."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from schemas.catalogue import BackendReport, Bounds
from schemas.params import RenderParams
from schemas.private import Words
from services.orchestrator.ability import GRACE_S
from services.orchestrator.backend import Backend
from services.orchestrator.repeating import Meant, meant, words
from tests.builders import AT, LACK, PARAMS, REPORT, SPEC

PRESENT = replace(
    SPEC,
    digest="9" * 64,
    bounds={
        "width_px": Bounds(least=256, most=768, default=512, multiple_of=16),
        "height_px": Bounds(least=256, most=2048, default=1024, multiple_of=1024),
        "cfg": Bounds(least=1, most=9, default=3, multiple_of=2),
    },
)
BOTH = Backend(report=replace(REPORT, lacks={SPEC.digest: (), PRESENT.digest: ()}))
NEW_ONLY = Backend(report=replace(REPORT, lacks={SPEC.digest: (LACK,), PRESENT.digest: ()}))


def test_the_same_again_is_made_by_the_same_workflow() -> None:
    """Also when the command means another one now."""
    assert Meant(spec=SPEC, params=PARAMS) == meant(PARAMS, SPEC, PRESENT, [BOTH], AT)


def test_a_backend_that_restarts_changes_no_workflow() -> None:
    """It is expected back; the job waits for it as a new one would."""
    off = BackendReport(backend=REPORT.backend, reachable=False)
    away = Backend(report=off, known=BOTH.report, away_since=AT)

    assert SPEC == meant(PARAMS, SPEC, PRESENT, [away], AT).spec
    assert PRESENT == meant(PARAMS, SPEC, PRESENT, [away], AT + timedelta(seconds=GRACE_S)).spec


def test_what_no_backend_can_do_any_more_is_made_by_the_present_one() -> None:
    """Numbers out of its bounds or off its steps, and what it does not take, are its own to choose."""
    asked = replace(PARAMS, cfg=4.5)

    assert Meant(spec=PRESENT, params=RenderParams(seed=7, height_px=1024, cfg=4.5)) == meant(
        asked, SPEC, PRESENT, [NEW_ONLY], AT
    )


def test_a_seed_is_left_out_where_there_is_none() -> None:
    """The present workflow leaves nothing to chance."""
    fixed = replace(PRESENT, takes_seed=False)

    assert meant(PARAMS, SPEC, fixed, [NEW_ONLY], AT).params.seed is None


def test_words_that_do_not_count_any_more_are_left_out() -> None:
    """Whoever asks for the same again can't take them out; what is wanted stays as it was."""
    before = Words(said="/sd a cat --neg dogs", prompt="a cat", negative="dogs")
    guided = replace(PRESENT, takes_negative=True)
    kept = words(before, Meant(spec=guided, params=RenderParams(cfg=3)), said="/again")
    unguided = words(before, Meant(spec=guided, params=RenderParams(cfg=1)), said="/again")
    untold = words(before, Meant(spec=SPEC, params=PARAMS), said="/again")
    unknown = words(before, Meant(spec=None, params=PARAMS), said="/again")

    assert Words(said="/again", prompt="a cat", negative="dogs") == kept == unknown
    assert Words(said="/again", prompt="a cat") == unguided == untold


def test_nothing_is_left_out_for_its_own_workflow() -> None:
    """While no backend answers, what is refused is the backend and not the numbers."""
    assert Meant(spec=SPEC, params=PARAMS) == meant(PARAMS, SPEC, SPEC, [], AT)


def test_a_command_that_means_nothing_any_more() -> None:
    """Its jobs can be repeated as long as a backend can do them."""
    assert Meant(spec=SPEC, params=PARAMS) == meant(PARAMS, SPEC, None, [BOTH], AT)
    assert meant(PARAMS, SPEC, None, [NEW_ONLY], AT).spec is None

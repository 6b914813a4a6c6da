"""Whether a picture that was asked for is taken."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from schemas.catalogue import Bounds, Lack, WorkflowSpec
from schemas.events.answer import AnswerGiven
from schemas.events.image import ImageImported
from schemas.events.job import JobRequested
from schemas.events.session import SessionOpened
from schemas.params import RenderParams
from services.orchestrator import request
from services.orchestrator.backend import Backend
from services.orchestrator.request import Request, Upload
from services.orchestrator.session import Session
from tests.builders import AT, EDIT_SPEC, IMAGE, JOB, MEDIA, PERSON, REF, REPORT, SEALED, SPEC, uuid

OPENED = Session(person_id=PERSON, channel="telegram", private=SEALED)
ASKED = Request(
    job_id=JOB,
    at=AT,
    ref=REF,
    command="f",
    has_words=True,
    has_negative=False,
    params=RenderParams(),
    seed=99,
    is_variation=False,
    uploads=(),
    inputs=(),
    target=None,
    chain_id=None,
    target_lost=False,
    is_pointed=False,
    moves=False,
    private=SEALED,
    session_private=SEALED,
    session=OPENED,
    spec=SPEC,
    known=("f", "qwen"),
    backends=[Backend(report=REPORT)],
    open_of_person=0,
    open_in_session=0,
    max_open=5,
)
EDIT = replace(ASKED, command="qwen", spec=EDIT_SPEC)
FIXED = replace(SPEC, takes_seed=False)
GUIDED = replace(SPEC, takes_negative=True, bounds={**SPEC.bounds, "cfg": Bounds(least=1, most=4, default=1)})


def decided(**changed: Any) -> list[Any]:
    """The events of the plain request with something changed."""
    return [append.event for append in request.decide(replace(ASKED, **changed))]


def test_a_plain_request_is_taken_with_defaults_filled_in() -> None:
    """The log says how it will be rendered, and with which seed."""
    [requested] = decided()

    assert isinstance(requested, JobRequested)
    assert RenderParams(seed=99, width_px=1024, height_px=1024, steps=4, count=1) == requested.params
    assert JOB == requested.chain_id


def test_a_command_that_takes_no_words_is_taken_without() -> None:
    """The caption of a photo may be just ``/invert``."""
    [requested] = decided(has_words=False, spec=replace(SPEC, takes_prompt=False))

    assert isinstance(requested, JobRequested)


def test_where_nothing_is_left_to_chance_no_seed_is_drawn() -> None:
    """Nobody should read one that changes nothing; what was made without may be made again."""
    [requested] = decided(spec=FIXED)

    assert isinstance(requested, JobRequested)
    assert requested.params.seed is None


@pytest.mark.parametrize(
    ("spec", "params"),
    [
        (replace(SPEC, takes_negative=True), RenderParams()),
        (GUIDED, RenderParams(cfg=2.5)),
        (replace(GUIDED, bounds={"cfg": Bounds(least=1, most=10, default=4)}), RenderParams()),
    ],
)
def test_what_must_not_be_seen_is_taken_where_it_counts(spec: WorkflowSpec, params: RenderParams) -> None:
    """Where the sampler looks at it: that it does not at a guidance of 1 is no reason to leave it out."""
    [requested] = decided(has_negative=True, spec=spec, params=params)

    assert isinstance(requested, JobRequested)


def test_the_first_message_opens_the_session() -> None:
    """Even when it is refused."""
    assert [SessionOpened, JobRequested] == [type(e) for e in decided(session=None)]
    assert [SessionOpened, AnswerGiven] == [type(e) for e in decided(session=None, spec=None)]


@pytest.mark.parametrize(
    ("changed", "code", "details"),
    [
        ({"spec": None, "command": "x"}, "unknown-command", {"known": "f qwen"}),
        ({"has_words": False}, "empty-prompt", {"command": "f"}),
        ({"spec": replace(SPEC, takes_prompt=False)}, "takes-no-words", {"command": "f"}),
        ({"params": RenderParams(cfg=3.0)}, "parameter-not-taken", {"name": "cfg"}),
        ({"has_negative": True}, "parameter-not-taken", {"command": "f", "name": "negative"}),
        ({"has_negative": True, "spec": GUIDED}, "negative-needs-cfg", {"command": "f", "most": "4"}),
        ({"params": RenderParams(seed=7), "spec": FIXED}, "parameter-not-taken", {"name": "seed"}),
        ({"is_variation": True, "spec": FIXED}, "nothing-to-vary", {"command": "f"}),
        ({"params": RenderParams(steps=51)}, "bad-parameter", {"name": "steps", "most": "50"}),
        ({"params": RenderParams(width_px=1000)}, "bad-parameter", {"name": "width_px", "multiple_of": "16"}),
        ({"params": RenderParams(width_px=64)}, "bad-parameter", {"least": "256"}),
        ({"uploads": (Upload(image_id=IMAGE, media=MEDIA, private=SEALED),)}, "takes-no-picture", {}),
        ({"open_of_person": 5}, "queue-full", {"limit": "5"}),
        ({"backends": []}, "no-backend", {}),
        (
            {"backends": [Backend(report=replace(REPORT, reachable=False))]},
            "backend-unreachable",
            {"backend": "gpu"},
        ),
        (
            {
                "backends": [
                    Backend(report=replace(REPORT, lacks={SPEC.digest: (Lack(what="node", name="N"),)}))
                ]
            },
            "missing-node",
            {"node": "N", "backend": "gpu"},
        ),
    ],
)
def test_refusals(changed: dict[str, Any], code: str, details: dict[str, str]) -> None:
    """Each says why, names what it is about, and is the only thing that happens."""
    [answer] = decided(**changed)

    assert isinstance(answer, AnswerGiven)
    assert code == answer.code
    assert details.items() <= answer.details.items()


def test_what_was_typed_is_not_in_the_log_in_the_clear() -> None:
    """A command that doesn't exist may be any word: it stays in the sealed part."""
    [answer] = decided(spec=None, command="my_secret")

    assert "my_secret" not in repr(answer)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "no-picture"),
        ({"open_in_session": 1}, "picture-not-ready"),
        ({"target_lost": True, "target": None}, "unknown-picture"),
        ({"inputs": tuple(uuid(n) for n in range(4))}, "takes-at-most"),
        ({"target": IMAGE, "moves": True}, "needs-still-picture"),
        ({"target": IMAGE, "moves": True, "is_pointed": True}, "needs-still-picture"),
        ({"inputs": (IMAGE,), "moves": True}, "needs-still-picture"),
    ],
)
def test_refusals_of_edits(changed: dict[str, Any], code: str) -> None:
    """An edit needs a picture, that is there, and not too many."""
    [append] = request.decide(replace(EDIT, **changed))

    assert isinstance(append.event, AnswerGiven)
    assert code == append.event.code


def test_an_edit_takes_the_target_in_its_chain() -> None:
    """The picture pointed at is the input, and the job joins its chain."""
    [append] = request.decide(replace(EDIT, target=IMAGE, chain_id=uuid(70)))

    assert isinstance(append.event, JobRequested)
    assert ((IMAGE,), uuid(70)) == (append.event.inputs, append.event.chain_id)


def test_a_video_is_passed_over_where_no_picture_is_needed() -> None:
    """It was made last, but nobody pointed at it; when somebody did, they are told."""
    maybe = replace(EDIT, spec=replace(EDIT_SPEC, inputs_min=0), target=IMAGE, moves=True)
    [taken] = request.decide(maybe)
    [refused] = request.decide(replace(maybe, is_pointed=True))

    assert isinstance(taken.event, JobRequested)
    assert () == taken.event.inputs
    assert isinstance(refused.event, AnswerGiven)


def test_uploads_come_before_the_current_picture() -> None:
    """A picture that comes with the command is what is meant; it joins the tree as the root of a chain."""
    upload = Upload(image_id=uuid(71), media=MEDIA, private=SEALED)
    imported, requested = (a.event for a in request.decide(replace(EDIT, target=IMAGE, uploads=(upload,))))

    assert isinstance(imported, ImageImported)
    assert isinstance(requested, JobRequested)
    assert ((uuid(71),), uuid(71)) == (requested.inputs, requested.chain_id)

"""Values for tests: everything that travels or rests, filled in; a test changes what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar, get_args
from uuid import UUID

import msgspec
from msgspec.structs import replace

from schemas import commands, dispatch, facts, importing, progress, queries, replies
from schemas.catalogue import BackendReport, Bounds, Lack, WorkflowSpec
from schemas.commands import SessionRef, Target
from schemas.events import Event
from schemas.events import answer as answer_events
from schemas.events import backend as backend_events
from schemas.events import egress as egress_events
from schemas.events import image as image_events
from schemas.events import job as job_events
from schemas.events import session as session_events
from schemas.events import workflow as workflow_events
from schemas.events.job import Timings
from schemas.media import MediaRef
from schemas.params import RenderParams

T = TypeVar("T", bound=msgspec.Struct)

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DIGEST = "5" * 64


def uuid(number: int) -> UUID:
    """A readable id."""
    return UUID(int=number)


SESSION, PERSON, JOB, IMAGE, ENTRY = uuid(1), uuid(2), uuid(3), uuid(4), uuid(5)
SEALED = b"\x01sealed"
PARAMS = RenderParams(seed=7, width_px=1024, height_px=1024, steps=4, count=1)
MEDIA = MediaRef(
    media_id=uuid(6), sealed_sha256="a" * 64, size_bytes=1234, mime="image/png", width_px=64, height_px=48
)
REF = SessionRef(session_id=SESSION, person_id=PERSON, channel="telegram", private=SEALED)
TIMINGS = Timings(upload_s=0.1, wait_s=0.2, render_s=1.5, download_s=0.3)
SPEC = WorkflowSpec(
    name="flux-schnell",
    command="f",
    title="FLUX schnell",
    kind="image",
    digest=DIGEST,
    takes_negative=False,
    inputs_min=0,
    inputs_max=0,
    bounds={
        "width_px": Bounds(least=256, most=2048, default=1024, multiple_of=16),
        "height_px": Bounds(least=256, most=2048, default=1024, multiple_of=16),
        "steps": Bounds(least=1, most=50, default=4),
        "count": Bounds(least=1, most=4, default=1),
    },
)
EDIT_SPEC = replace(
    SPEC, name="qwen", command="qwen", title="Qwen edit", kind="edit", digest="6" * 64, inputs_min=1, inputs_max=3,
    takes_negative=True, bounds={"steps": Bounds(least=1, most=50, default=4)},
)  # fmt: skip
REPORT = BackendReport(
    backend="gpu", reachable=True, version="0.8.0", devices=("cpu",), lacks={DIGEST: (), "6" * 64: ()}
)
LACK = Lack(what="model", name="flux1-schnell.safetensors", folder="diffusion_models")
PICTURE = replies.Picture(image_id=IMAGE, media=MEDIA)
ENTRY_SHOWN = replies.Entry(
    entry_id=JOB, session_id=SESSION, version=9, at=AT, status="done", command="f", title="FLUX schnell", params=PARAMS,
    attempt=1, simulated=True, inputs=(PICTURE,), pictures=(PICTURE,), private=SEALED,
)  # fmt: skip

EVENTS: tuple[Event, ...] = (
    session_events.SessionOpened(person_id=PERSON, channel="web", private=SEALED),
    session_events.ImageSelected(image_id=IMAGE),
    answer_events.AnswerGiven(
        session_id=SESSION, person_id=PERSON, channel="web", code="no-picture", details={"command": "qwen"},
        images=(IMAGE,), private=SEALED,
    ),
    answer_events.AnswerShown(),
    job_events.JobRequested(
        session_id=SESSION, person_id=PERSON, channel="telegram", command="f", workflow=DIGEST, chain_id=JOB,
        inputs=(), params=PARAMS, private=SEALED,
    ),
    job_events.JobDispatched(attempt=1, backend="gpu"),
    job_events.JobStarted(attempt=1),
    job_events.AttemptFailed(attempt=1, backend="gpu", code="backend-unreachable", details={"backend": "gpu"}),
    job_events.JobSucceeded(attempt=1, backend="gpu", images=(IMAGE,), timings=TIMINGS),
    job_events.JobFailed(attempt=3, code="out-of-memory", details={}),
    job_events.CancelRequested(),
    job_events.JobCancelled(),
    job_events.StatusShown(message_ref=uuid(8), private=SEALED),
    job_events.OutcomeShown(),
    job_events.HostPurged(attempt=1, backend="gpu", files=1, inputs=0, history=True),
    image_events.ImageImported(session_id=SESSION, person_id=PERSON, media=MEDIA, private=SEALED),
    image_events.ImageRendered(
        session_id=SESSION, person_id=PERSON, job_id=JOB, chain_id=JOB, parents=(uuid(9),), command="qwen",
        workflow=DIGEST, params=PARAMS, media=MEDIA, private=SEALED,
    ),
    backend_events.BackendObserved(report=replace(REPORT, lacks={DIGEST: (LACK,)})),
    backend_events.BackendFaulted(job_id=JOB, attempt=1, code="backend-wedged"),
    backend_events.BackendProved(job_id=JOB),
    workflow_events.WorkflowRegistered(spec=SPEC, definition="{}"),
    workflow_events.WorkflowBound(command="f", digest=DIGEST, by="catalogue"),
    egress_events.EgressVerified(process=uuid(11), mode="anon", code="verified"),
    egress_events.EgressLeaked(process=uuid(11), mode="anon", code="socket-outside", details={"ports": "443"}),
    egress_events.EgressInconclusive(process=uuid(11), mode="direct", code="no-backend"),
)  # fmt: skip

MESSAGES: tuple[msgspec.Struct, ...] = (
    commands.RequestRender(
        session=REF, job_id=JOB, command="f", params=PARAMS, target=Target(image_id=IMAGE), uploads=(MEDIA,),
        private=SEALED,
    ),
    commands.ImportImage(session=REF, entry_id=ENTRY, upload=MEDIA, private=SEALED),
    commands.RepeatJob(session=REF, job_id=JOB, target=Target(message_ref=uuid(8)), vary=True, private=SEALED),
    commands.SelectImage(session=REF, entry_id=ENTRY, target=Target(), private=SEALED),
    commands.CancelJob(session=REF, entry_id=ENTRY, target=Target(job_id=JOB), private=SEALED),
    commands.Ask(session=REF, entry_id=ENTRY, topic="queue", private=SEALED),
    commands.ReportStatusShown(job_id=JOB, message_ref=uuid(8), private=SEALED),
    commands.ReportOutcomeShown(job_id=JOB),
    commands.ReportAnswerShown(session_id=SESSION, entry_id=ENTRY),
    commands.ReportMediaMissing(job_id=JOB, attempt=1),
    commands.ImportWorkflow(spec=SPEC, definition="{}"),
    commands.BindWorkflow(command="f", digest=DIGEST),
    facts.RenderStarted(job_id=JOB, attempt=1),
    facts.RenderSucceeded(job_id=JOB, attempt=1, backend="gpu", images=(MEDIA,), timings=TIMINGS, private=SEALED),
    facts.RenderFailed(job_id=JOB, attempt=1, backend="gpu", code="out-of-memory", details={}, retryable=True),
    facts.RenderCancelled(job_id=JOB, attempt=1),
    facts.HostPurged(job_id=JOB, attempt=1, backend="gpu", files=1, inputs=0, history=True),
    facts.WorkflowAnnounced(spec=SPEC, definition="{}"),
    facts.BackendReported(report=REPORT),
    facts.EgressChecked(
        process=uuid(11), position="tunnel", mode="anon", verdict="leaked", code="dns-asked", details={"names": "1"},
        at=AT, interval_s=60.0,
    ),
    dispatch.RenderAttempt(
        job_id=JOB, attempt=1, prompt_id=uuid(10), chain_id=JOB, session_id=SESSION, channel="web", backend="gpu",
        workflow=DIGEST, params=PARAMS, inputs=(MEDIA,), private=SEALED,
    ),
    dispatch.CancelAttempt(job_id=JOB, attempt=1, prompt_id=uuid(10), backend="gpu"),
    ENTRY_SHOWN,
    progress.Progress(job_id=JOB, attempt=1, stage="render", node="Sampler", step=3, steps=4, percent=75.0),
    queries.AskHistory(session_id=SESSION),
    queries.AskMedia(session_id=SESSION, image_id=IMAGE),
    queries.AskAttempt(job_id=JOB, attempt=1),
    queries.History(entries=(ENTRY_SHOWN,), workflows=(SPEC,), able=(DIGEST,), simulated=True),
    queries.MediaFound(media=MEDIA, private=SEALED),
    queries.AttemptFound(wanted=True),
    queries.AskWorkflows(),
    queries.AskWorkflow(digest=DIGEST),
    queries.WorkflowsFound(digests=(DIGEST,)),
    queries.WorkflowFound(definition="{}"),
    queries.NotFound(),
    importing.StudyWorkflow(name="mine", command="x", file="{}", choices=importing.Choices(slots={"seed": ("3.seed",)})),
    importing.Studied(spec=SPEC, definition="{}", found={"seed": "input seed of KSampler (3)"}, backend="gpu", lacks=(LACK,)),
    importing.StudyUnclear(
        questions=(
            importing.Unclear(
                what="prompt", why="Two nodes take words.", candidates=(importing.Candidate(value="6.text", label="Words"),)
            ),
        )
    ),
    importing.StudyRefused(code="ui-format", problems=("Export it with Workflow, Export (API).",)),
)  # fmt: skip


def tag(value: Any) -> str:
    """The tag that says which member of its union a value or a class is."""
    return str(value.__struct_config__.tag)


def event(kind: type[T], **changed: Any) -> T:
    """The example of one kind of event, with some fields changed."""
    return replace(next(e for e in EVENTS if isinstance(e, kind)), **changed)


def message(kind: type[T], **changed: Any) -> T:
    """The example of one kind of message, with some fields changed."""
    return replace(next(m for m in MESSAGES if isinstance(m, kind)), **changed)


def members(union: Any) -> list[Any]:
    """The classes of a union, however it is nested."""
    return [leaf for part in get_args(union) for leaf in members(part)] if get_args(union) else [union]

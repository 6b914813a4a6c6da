"""Whether a picture that was asked for is taken, and why not. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict

from schemas.catalogue import Bounds, WorkflowSpec
from schemas.commands import SessionRef
from schemas.events.answer import AnswerGiven
from schemas.events.image import ImageImported
from schemas.events.job import JobRequested
from schemas.events.session import SessionOpened
from schemas.media import MediaRef
from schemas.params import RenderParams
from services.orchestrator import answer, image, job, session
from services.orchestrator.ability import is_taken, why_unable
from services.orchestrator.backend import Backend
from services.orchestrator.mark import Append
from services.orchestrator.session import Session

Number = TypeVar("Number", int, float)

NO_GUIDANCE = 1.0
"""At this ``cfg`` a sampler leaves the negative side out."""


class Refusal(Exception):  # noqa: N818  an expected outcome that becomes an event, not a failure
    """The request is not taken; ``code`` and ``details`` say why."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Upload(Struct, frozen=True, kw_only=True):
    """A picture that came with the request, and its key sealed for the log."""

    image_id: UUID
    media: MediaRef
    private: bytes


class Request(Struct, frozen=True, kw_only=True):
    """
    A request with everything its decision looks at.

    Attributes:
        job_id: The job it becomes.
        at: When it is decided.
        ref: Who and where.
        command: As typed.
        has_words: There are words that say what is wanted.
        has_negative: There are words that say what must not be seen.
        params: As parsed.
        seed: Drawn for the case that none was given.
        is_variation: What was made before is wanted once more, but not the same.
        uploads: Pictures that came with it, in order.
        inputs: Pictures of the job that it repeats; empty for a fresh request.
        target: The picture pointed at, else the session's current one.
        chain_id: The chain of the first picture that is edited, if it is not an upload.
        target_lost: Something was pointed at that is not there, or not this session's.
        is_pointed: Something was pointed at.
        moves: What would be edited is a video, a sound or an animation.
        private: ``RequestSecrets`` sealed for the log.
        session_private: The chat's address sealed for the log.
        session: The session, if it was opened before.
        spec: The workflow the command is bound to.
        known: Every command there is.
        backends: Every backend.
        waits: Nothing is dispatched now, for a reason that is no backend's.
        open_of_person: Their jobs that have not ended.
        open_in_session: This session's jobs that have not ended.
        max_open: How many a person may have.
    """

    job_id: UUID
    at: datetime
    ref: SessionRef
    command: str
    has_words: bool
    has_negative: bool
    params: RenderParams
    seed: int
    is_variation: bool
    uploads: tuple[Upload, ...]
    inputs: tuple[UUID, ...]
    target: UUID | None
    chain_id: UUID | None
    target_lost: bool
    is_pointed: bool
    moves: bool
    private: bytes
    session_private: bytes
    session: Session | None
    spec: WorkflowSpec | None
    known: tuple[str, ...]
    backends: list[Backend]
    waits: bool = False
    open_of_person: int
    open_in_session: int
    max_open: int


def decide(asked: Request) -> list[Append]:
    """The job and what comes with it; a refusal is an answer and changes nothing else."""
    opened = opening(asked.ref, asked.session, asked.session_private)
    try:
        requested = _take(asked)
    except Refusal as no:
        return [*opened, refusal(asked.job_id, asked.ref, no, asked.private)]
    imports = [
        Append(
            stream=image.stream(upload.image_id),
            event=ImageImported(
                session_id=asked.ref.session_id,
                person_id=asked.ref.person_id,
                media=upload.media,
                private=upload.private,
            ),
        )
        for upload in asked.uploads
    ]
    return [*opened, *imports, Append(stream=job.stream(asked.job_id), event=requested)]


def opening(ref: SessionRef, known: Session | None, private: bytes) -> list[Append]:
    """Opens the session with its first message."""
    if known is not None:
        return []
    event = SessionOpened(person_id=ref.person_id, channel=ref.channel, private=private)
    return [Append(stream=session.stream(ref.session_id), event=event)]


def refusal(entry_id: UUID, ref: SessionRef, why: Refusal, private: bytes) -> Append:
    """The answer that says why not."""
    event = AnswerGiven(
        session_id=ref.session_id,
        person_id=ref.person_id,
        channel=ref.channel,
        code=why.code,
        details=why.details,
        private=private,
    )
    return Append(stream=answer.stream(entry_id), event=event)


def unheeded(spec: WorkflowSpec, cfg: float | None) -> Refusal | None:
    """
    Why words that say what must not be seen would change nothing.

    Args:
        spec: The workflow.
        cfg: As asked; ``None`` leaves it to the workflow.
    """
    if not spec.takes_negative:
        return Refusal("parameter-not-taken", command=spec.command, name="negative")
    bounds = spec.bounds.get("cfg")
    if bounds is None or (bounds.default if cfg is None else cfg) != NO_GUIDANCE:
        return None
    return Refusal("negative-needs-cfg", command=spec.command, most=f"{bounds.most:g}")


def _take(asked: Request) -> JobRequested:
    spec = asked.spec
    if spec is None:
        # What was typed may be anything, and so stays in the sealed part.
        raise Refusal("unknown-command", known=" ".join(asked.known))
    if asked.has_words != spec.takes_prompt:
        # Words that would be dropped are not what was meant, no more than a picture of no words.
        raise Refusal("takes-no-words" if asked.has_words else "empty-prompt", command=spec.command)
    inputs = _inputs(asked, spec)
    params = _params(asked, spec)
    if not is_taken(asked.backends, spec.digest, asked.at, waits=asked.waits):
        why = why_unable(asked.backends, spec.digest, spec.command)
        raise Refusal(why.code, **why.details)
    if asked.open_of_person >= asked.max_open:
        raise Refusal("queue-full", limit=str(asked.max_open))
    return JobRequested(
        session_id=asked.ref.session_id,
        person_id=asked.ref.person_id,
        channel=asked.ref.channel,
        command=asked.command,
        workflow=spec.digest,
        chain_id=(asked.chain_id or inputs[0]) if inputs else asked.job_id,
        inputs=inputs,
        params=params,
        private=asked.private,
    )


def _inputs(asked: Request, spec: WorkflowSpec) -> tuple[UUID, ...]:
    """Uploads first, then what was pointed at; the current picture only when there is nothing else."""
    given = tuple(upload.image_id for upload in asked.uploads) or asked.inputs
    if spec.inputs_max == 0:
        if given:
            raise Refusal("takes-no-picture", command=spec.command)
        return ()
    if asked.target_lost:
        raise Refusal("unknown-picture")
    if asked.moves and (given or asked.is_pointed or spec.inputs_min):
        raise Refusal("needs-still-picture", command=spec.command)
    if not given and asked.target is not None and not asked.moves:
        given = (asked.target,)
    if len(given) < spec.inputs_min:
        raise Refusal("picture-not-ready" if asked.open_in_session else "no-picture", command=spec.command)
    if len(given) > spec.inputs_max:
        raise Refusal("takes-at-most", command=spec.command, most=str(spec.inputs_max))
    return given


def _params(asked: Request, spec: WorkflowSpec) -> RenderParams:
    """As asked and within the workflow's bounds, with its defaults filled in; nothing is left out."""
    filled: dict[str, float | int | None] = {}
    for name, value in asdict(asked.params).items():
        bounds = spec.bounds.get(name)
        if name == "seed":
            filled[name] = _seed(asked, spec)
        elif bounds is None:
            if value is not None:
                raise Refusal("parameter-not-taken", command=spec.command, name=name)
        else:
            number = bounds.default if value is None else value
            _check(name, number, bounds)
            filled[name] = float(number) if name == "cfg" else int(number)
    why_not = unheeded(spec, asked.params.cfg) if asked.has_negative else None
    if why_not is not None:
        raise why_not
    return RenderParams(**filled)  # pyright: ignore[reportArgumentType]: asdict lost which field is which


def _seed(asked: Request, spec: WorkflowSpec) -> int | None:
    """As asked, else as drawn; none where chance has no part in it."""
    given = asked.params.seed
    if spec.takes_seed:
        return asked.seed if given is None else given
    if asked.is_variation:
        raise Refusal("nothing-to-vary", command=spec.command)
    if given is not None:
        raise Refusal("parameter-not-taken", command=spec.command, name="seed")
    return None


def _check(name: str, value: float, bounds: Bounds) -> None:
    off_step = bounds.multiple_of > 0 and name != "cfg" and value % bounds.multiple_of != 0
    if bounds.least <= value <= bounds.most and not off_step:
        return
    raise Refusal(
        "bad-parameter",
        name=name,
        value=f"{value:g}",
        least=f"{bounds.least:g}",
        most=f"{bounds.most:g}",
        multiple_of=f"{bounds.multiple_of:g}",
    )

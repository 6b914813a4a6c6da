"""What a person asks: each handler decides on one command and records what follows."""

from __future__ import annotations

from uuid import UUID

from msgspec.structs import replace

from schemas.catalogue import WorkflowSpec
from schemas.commands import (
    Ask,
    CancelJob,
    ImportImage,
    RepeatJob,
    RequestRender,
    SelectImage,
    SessionRef,
    Target,
)
from schemas.events.answer import AnswerGiven
from schemas.events.image import ImageImported
from schemas.events.session import ImageSelected
from schemas.media import MediaRef
from schemas.private import MediaKeys, RequestSecrets, Words
from services.orchestrator import answer, image, lookup, outcome, questions, repeating, request, session
from services.orchestrator.answer import Said, said
from services.orchestrator.desk import Desk
from services.orchestrator.job import Job
from services.orchestrator.mark import Append
from services.orchestrator.person_keys import ForgottenError, key_of
from services.orchestrator.request import Request, Upload


async def request_render(command: RequestRender, desk: Desk) -> None:
    """A picture is asked for."""
    secrets = desk.secrets(command.private, command.job_id)
    uploads = tuple([await _upload(desk, command.session, media, secrets) for media in command.uploads])
    spec = await desk.spec(command.command)
    await _request(desk, command, replace(secrets, upload_keys={}), uploads, (), spec=spec)


async def repeat_job(command: RepeatJob, desk: Desk) -> None:
    """A job is wanted once more, with the same words and pictures."""
    asked = desk.secrets(command.private, command.job_id)
    found = await desk.find_job(command.session, command.target)
    before = None if found is None else await _words(desk, *found)
    if found is None or before is None:
        if await desk.answer(command.job_id) is None:
            await _answer(desk, command.session, command.job_id, said("nothing-to-repeat"), asked)
        return
    old = found[1].requested
    means = repeating.meant(
        replace(old.params, seed=None) if command.vary else old.params,
        await desk.spec_of(old.workflow, old.command),
        await desk.spec(old.command),
        await desk.ledger.rows.backends(),
        desk.ledger.at,
    )
    again = RequestRender(
        session=command.session,
        job_id=command.job_id,
        command=old.command,
        params=means.params,
        target=Target(),
        private=b"",
    )
    words = repeating.words(before, means, said=asked.words.said)
    secrets = replace(asked, words=words)
    await _request(desk, again, secrets, (), old.inputs, spec=means.spec, is_variation=command.vary)


async def import_image(command: ImportImage, desk: Desk) -> None:
    """A picture came without a command: the next edit means it."""
    if await desk.answer(command.entry_id) is not None:
        return
    ref = command.session
    secrets = desk.secrets(command.private, command.entry_id)
    upload = await _upload(desk, ref, command.upload, secrets)
    imported = ImageImported(
        session_id=ref.session_id, person_id=ref.person_id, media=upload.media, private=upload.private
    )
    await desk.ledger.record(
        [
            *await desk.opening(ref),
            Append(stream=image.stream(upload.image_id), event=imported),
            Append(stream=session.stream(ref.session_id), event=ImageSelected(image_id=upload.image_id)),
        ]
    )
    asked = replace(secrets, upload_keys={})
    await _answer(desk, ref, command.entry_id, Said(code="imported", images=(upload.image_id,)), asked)


async def select_image(command: SelectImage, desk: Desk) -> None:
    """Another picture becomes the current one: the one pointed at, or the parent of the present one."""
    if await desk.answer(command.entry_id) is not None:
        return
    ref = command.session
    secrets = desk.secrets(command.private, command.entry_id)
    chosen = await desk.find_image(ref, command.target)
    lost = said("unknown-picture")
    if command.target == Target():
        lost = said("nothing-to-undo")
        present = await desk.image(chosen) if chosen else None
        chosen = present.parents[0] if present and present.parents else None
    if chosen is None:
        await _answer(desk, ref, command.entry_id, lost, secrets)
        return
    selected = Append(stream=session.stream(ref.session_id), event=ImageSelected(image_id=chosen))
    await desk.ledger.record([selected])
    await _answer(desk, ref, command.entry_id, Said(code="selected", images=(chosen,)), secrets)


async def cancel_job(command: CancelJob, desk: Desk) -> None:
    """A job is to be stopped. That it is, is shown where the job is shown; only a refusal is said."""
    if await desk.answer(command.entry_id) is not None:
        return
    ref, target = command.session, command.target
    if target == Target():
        newest = await lookup.newest_open_job(desk.ledger.conn, ref.session_id, ref.person_id)
        target = Target(job_id=newest)
    found = await desk.find_job(ref, target) if target != Target() else None
    secrets = desk.secrets(command.private, command.entry_id)
    if found is None:
        await _answer(desk, ref, command.entry_id, said("nothing-to-cancel"), secrets)
        return
    job_id, now = found
    if now.requested.person_id != ref.person_id:  # in a group: what another asked is theirs to stop
        await _answer(desk, ref, command.entry_id, said("not-your-job"), secrets)
        return
    if now.has_ended:
        await _answer(desk, ref, command.entry_id, said("already-ended"), secrets)
        return
    await desk.ledger.record(outcome.decide(job_id, outcome.Cancel(), now))


async def ask(command: Ask, desk: Desk) -> None:
    """A question that changes nothing."""
    if await desk.answer(command.entry_id) is not None:
        return
    secrets = desk.secrets(command.private, command.entry_id)
    reply = await questions.reply(command.topic, command.session, desk)
    await _answer(desk, command.session, command.entry_id, reply, secrets)


async def _request(
    desk: Desk,
    command: RequestRender,
    secrets: RequestSecrets,
    uploads: tuple[Upload, ...],
    inputs: tuple[UUID, ...],
    *,
    spec: WorkflowSpec | None,
    is_variation: bool = False,
) -> None:
    if await desk.job(command.job_id) or await desk.answer(command.job_id):
        return  # asked before under another message id: someone pressed "try again"
    ref, rows = command.session, desk.ledger.rows
    shut = await desk.gatekeeper.shut(desk.ledger.conn, await rows.positions())
    jobs = await rows.unfinished()
    target = await desk.find_image(ref, command.target)
    first = next((u.image_id for u in uploads), None) or next(iter(inputs), target)
    edited = await desk.image(first) if first else None
    media = [upload.media for upload in uploads] or ([edited.media] if edited else [])
    asked = Request(
        job_id=command.job_id,
        at=desk.ledger.at,
        ref=ref,
        command=command.command,
        has_words=bool(secrets.words.prompt.strip()),
        has_negative=bool(secrets.words.negative.strip()),
        params=command.params,
        seed=desk.seed,
        is_variation=is_variation,
        uploads=uploads,
        inputs=inputs,
        target=target,
        chain_id=edited.chain_id if edited else None,
        target_lost=target is None and command.target != Target(),
        is_pointed=command.target != Target(),
        moves=not all(one.is_still for one in media),
        private=await desk.keys.seal(ref.person_id, secrets, command.job_id),
        session_private=await desk.session_private(ref),
        session=await desk.session(ref.session_id),
        spec=spec,
        known=tuple(await rows.states("command")),
        backends=await rows.backends(),
        waits=shut is not None and shut.is_patient,
        open_of_person=sum(one.waiting.person_id == ref.person_id for one in jobs),
        open_in_session=sum(one.session_id == ref.session_id for one in jobs),
        max_open=desk.limits.open_jobs,
    )
    await desk.ledger.record(request.decide(asked))


async def _words(desk: Desk, job_id: UUID, job: Job) -> Words | None:
    """What was asked for; nothing when its person is forgotten."""
    asked = job.requested
    try:
        return (await desk.keys.open(asked.person_id, asked.private, job_id, RequestSecrets)).words
    except ForgottenError:
        return None


async def _upload(desk: Desk, ref: SessionRef, media: MediaRef, secrets: RequestSecrets) -> Upload:
    """A picture that came along: its key goes from the command into the log, sealed for its person."""
    keys = MediaKeys(keys={media.media_id: key_of(secrets.upload_keys, media.media_id)})
    private = await desk.keys.seal(ref.person_id, keys, media.media_id)
    return Upload(image_id=media.media_id, media=media, private=private)


async def _answer(desk: Desk, ref: SessionRef, entry_id: UUID, reply: Said, secrets: RequestSecrets) -> None:
    given = AnswerGiven(
        session_id=ref.session_id,
        person_id=ref.person_id,
        channel=ref.channel,
        code=reply.code,
        details=reply.details,
        images=reply.images,
        private=await desk.keys.seal(ref.person_id, secrets, entry_id),
    )
    await desk.ledger.record([*await desk.opening(ref), Append(stream=answer.stream(entry_id), event=given)])

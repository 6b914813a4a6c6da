"""What a workflow does not take is refused, and said; nothing that was asked for vanishes."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from schemas import subjects
from schemas.commands import ImportWorkflow, RepeatJob, SessionRef, Target
from schemas.params import RenderParams
from schemas.private import DispatchSecrets, MessageAddress, RequestSecrets, Words
from services.common.seal import seal_struct, unseal_struct
from tests.builders import EDIT_SPEC, REPORT, SPEC
from tests.integration.orchestrator.studio import KEYRING, Studio, open_studio, secrets, speaker

DEFINITION = '{"name":"sure"}'
SURE = replace(
    SPEC,
    name="sure",
    command="sure",
    digest=hashlib.sha256(DEFINITION.encode()).hexdigest(),
    takes_negative=True,
    takes_seed=False,
    bounds={},
)


@pytest.fixture
async def studio(postgres_url: str, nats_url: str) -> AsyncGenerator[Studio]:
    """With ``/f``, which takes no negative words, and ``/sure``, which takes no seed."""
    async with open_studio(postgres_url, nats_url) as opened:
        await opened.open_shop()
        await opened.publish(subjects.inbox_operator(), ImportWorkflow(spec=SURE, definition=DEFINITION))
        await opened.observe(replace(REPORT, lacks={spec.digest: () for spec in (SPEC, EDIT_SPEC, SURE)}))
        yield opened


async def ask(studio: Studio, command: str, negative: str = "", params: RenderParams | None = None) -> UUID:
    """Ask for a cat; returns the job's id."""
    job_id = uuid4()
    words = Words(said=f"/{command} a cat", prompt="a cat", negative=negative)
    private = RequestSecrets(words=words, asked_in=MessageAddress())
    return await studio.ask_picture(
        speaker(),
        job_id=job_id,
        command=command,
        params=params or RenderParams(),
        private=seal_struct(KEYRING.transport, private, job_id),
    )


async def repeat(studio: Studio, ref: SessionRef, *, vary: bool) -> UUID:
    """``/vary`` or ``/again``; returns the new job's id."""
    job_id = uuid4()
    command = RepeatJob(session=ref, job_id=job_id, target=Target(), vary=vary, private=secrets(job_id))
    await studio.say(ref, command)
    return job_id


async def test_words_that_would_be_dropped_are_refused(studio: Studio) -> None:
    """With the parameter's name; where there is a place for them, they reach it."""
    refused = await studio.entry(await ask(studio, "f", "dogs"), "answered")
    taken = await ask(studio, "sure", "dogs")
    order = await studio.attempt()

    assert ("parameter-not-taken", {"command": "f", "name": "negative"}) == (refused.code, refused.details)
    assert taken == order.job_id
    assert "dogs" == unseal_struct(KEYRING.transport, order.private, taken, DispatchSecrets).negative


async def test_no_seed_where_there_is_none(studio: Studio) -> None:
    """None is taken, drawn or shown; it can be made again, but not varied."""
    refused = await studio.entry(await ask(studio, "sure", params=RenderParams(seed=7)), "answered")
    job_id = await ask(studio, "sure")
    await studio.succeed(await studio.attempt())
    done = await studio.entry(job_id, "done")
    varied = await studio.entry(await repeat(studio, speaker(), vary=True), "answered")
    again = await repeat(studio, speaker(), vary=False)

    assert ("parameter-not-taken", "seed") == (refused.code, refused.details["name"])
    assert done.params.seed is None
    assert ("nothing-to-vary", {"command": "sure"}) == (varied.code, varied.details)
    assert again == (await studio.attempt()).job_id

"""``darkroom backend list`` on a real log."""

from __future__ import annotations

from msgspec.structs import replace

from schemas.catalogue import BackendReport
from schemas.facts import BackendReported, RenderFailed, WorkflowAnnounced
from tests.builders import DIGEST, EDIT_SPEC, LACK, REPORT, SPEC, TIMINGS
from tests.integration.cli.operator import Operator
from tests.integration.orchestrator.studio import Studio, speaker, success
from tests.servers import eventually


async def test_it_says_how_each_backend_stands(operator: Operator, studio: Studio) -> None:
    """What it does, what it has in memory and how fast it is, and what waits for it alone."""
    job_id = await studio.ask_picture(speaker(1))
    await studio.succeed(await studio.attempt())
    await studio.job_is(job_id, "status", "succeeded")
    await studio.observe(replace(REPORT, backend="other", lacks={DIGEST: (LACK,), EDIT_SPEC.digest: ()}))
    for number in range(3):
        last = await studio.ask_picture(speaker(number))
    await studio.entry(last, "queued")
    data = await operator.backend("list", "--json")
    words = (await operator.backend("list")).out

    gpu, other = data.json["backends"]
    assert ("gpu", "ready", 0, 2, 1, SPEC.title) == tuple(
        gpu[name] for name in ("name", "state", "running", "staged", "only_here", "warm")
    )
    assert {SPEC.title: TIMINGS.render_s} == gpu["seconds"]
    assert ("other", "ready", 0, "") == tuple(other[name] for name in ("name", "state", "only_here", "warm"))
    assert (0, True) == (data.code, data.json["ok"])
    assert f"other can't do {SPEC.title}: it lacks the model {LACK.name}" in words
    assert f"gpu takes 1.5 s for {SPEC.title}" in words


async def test_speeds_are_of_what_is_rendered_now(operator: Operator, studio: Studio) -> None:
    """An older version of the same title does not stand for it, nor does it come before what is warm."""
    newer = replace(SPEC, digest="0" * 64)
    await studio.ask_picture(speaker())
    await studio.report(success(await studio.attempt(), timings=replace(TIMINGS, render_s=90.0)))
    await studio.report(WorkflowAnnounced(spec=newer, definition="{}"))
    await studio.observe(replace(REPORT, lacks={newer.digest: (), EDIT_SPEC.digest: ()}))
    for command, seconds in (("f", 2.5), ("qwen", 7.0)):
        job_id = await studio.ask_picture(speaker(), command=command)
        await studio.report(success(await studio.attempt(), timings=replace(TIMINGS, render_s=seconds)))
        await studio.job_is(job_id, "status", "succeeded")
    [gpu] = (await operator.backend("list", "--json")).json["backends"]

    assert [(EDIT_SPEC.title, 7.0), (SPEC.title, 2.5)] == list(gpu["seconds"].items())
    assert (
        f"gpu takes 7 s for {EDIT_SPEC.title}, 2.5 s for {SPEC.title}\n"
        in (await operator.backend("list")).out
    )


async def test_it_tells_of_prompts_that_are_not_ours(operator: Operator, studio: Studio) -> None:
    """How many there are in ComfyUI's own queue, as last reported; nothing is in the log of it."""
    head = await studio.fetchval("SELECT max(position) FROM event_log")
    for queued in (3, 7):
        await studio.report(BackendReported(report=REPORT, queued=queued))

    async def is_told() -> bool:
        found = (await operator.backend("list", "--json")).json["backends"]
        return [("gpu", 7)] == [(one["name"], one["prompts"]) for one in found]

    await eventually(is_told)
    assert head == await studio.fetchval("SELECT max(position) FROM event_log")


async def test_it_does_not_hold_when_nothing_takes_jobs(operator: Operator, studio: Studio) -> None:
    """One is away, one is left alone: said with the reason."""
    await studio.observe(replace(REPORT, backend="other", lacks={EDIT_SPEC.digest: ()}))
    await studio.ask_picture(speaker())
    order = await studio.attempt()
    wedged = RenderFailed(
        job_id=order.job_id, attempt=1, backend="gpu", code="backend-wedged", retryable=True
    )
    await studio.report(wedged)
    await studio.observe(BackendReport(backend="other", reachable=False, reason="backend-refused"))
    data = await operator.backend("list", "--json")
    words = (await operator.backend("list")).out

    assert [("gpu", "paused", "backend-wedged", 1), ("other", "away", "backend-refused", 0)] == [
        tuple(one[name] for name in ("name", "state", "reason", "faults")) for one in data.json["backends"]
    ]
    assert (1, False) == (data.code, data.json["ok"])
    assert "UTC, after a fault: backend-wedged" in words
    assert "other is away since " in words


async def test_what_was_long_ago_is_not_said_to_be_so(operator: Operator, studio: Studio) -> None:
    """With its renderer gone nobody knows how a backend stands, whatever the log says."""
    await studio.fetchval("UPDATE heard SET at = at - interval '1 hour' RETURNING 1")
    data = await operator.backend("list", "--json")

    assert [("gpu", "silent")] == [(one["name"], one["state"]) for one in data.json["backends"]]
    assert (1, False) == (data.code, data.json["ok"])
    assert "gpu was last heard of " in (await operator.backend("list")).out

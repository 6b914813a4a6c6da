"""Jobs wait while it is not proved that nothing goes around the tunnel, and go by themselves once it is."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace
from nats.errors import TimeoutError as NothingCame

from schemas import subjects
from schemas.catalogue import BackendReport
from schemas.commands import Ask
from schemas.egress import Position, Verdict
from schemas.facts import BackendReported, EgressChecked
from services.orchestrator.replay import replay
from tests.builders import REPORT, SPEC, message
from tests.integration.orchestrator.studio import Studio, open_studio, secrets, speaker
from tests.integration.orchestrator.test_backends import Clock, clock
from tests.servers import eventually

__all__ = ["clock"]

CUT_OFF = BackendReport(backend="gpu", reachable=False, reason="tunnel-down")
TUNNEL, RENDERER = UUID(int=71), UUID(int=72)


@pytest.fixture
async def studio(postgres_url: str, nats_url: str, clock: Clock) -> AsyncGenerator[Studio]:
    """One that renders through anon, and whose rows are what the log says in the end."""
    async with open_studio(postgres_url, nats_url, mode="anon") as opened:
        yield opened
        assert (await replay(postgres_url, lambda _done, _all: None)).holds


async def check(studio: Studio, clock: Clock, position: Position, verdict: Verdict, **changed: Any) -> None:
    """A process checks, and that is handled."""
    fact = EgressChecked(
        process=TUNNEL if position == "tunnel" else RENDERER,
        position=position,
        mode="anon",
        verdict=verdict,
        code="verified" if verdict == "verified" else "tunnel-down",
        at=clock(),
        interval_s=60.0,
    )
    name = await studio.publish(subjects.inbox_egress(position), replace(fact, **changed))

    async def handled() -> bool:
        return bool(await studio.fetchval("SELECT EXISTS (SELECT FROM inbox WHERE message_id = $1)", name))

    await eventually(handled)


async def prove(studio: Studio, clock: Clock) -> None:
    """Both positions are well."""
    await check(studio, clock, "tunnel", "verified")
    await check(studio, clock, "renderer", "verified")


async def verdicts(studio: Studio, position: Position) -> list[str]:
    """Types of the events of a position."""
    text = await studio.fetchval(
        "SELECT string_agg(type, ' ' ORDER BY version) FROM event_log WHERE stream = $1", f"egress-{position}"
    )
    return (text or "").split()


async def nothing_is_ordered(studio: Studio) -> None:
    with pytest.raises(NothingCame):
        await studio.attempt(timeout_s=1.5)  # some ticks of the orchestrator's clock


async def test_jobs_wait_for_proof_and_go_when_it_is_there(studio: Studio, clock: Clock) -> None:
    """Nothing was heard yet: what is asked for is taken; one position's proof does not suffice."""
    await studio.open_shop()
    job_id = await studio.ask_picture(speaker())
    assert "queued" == (await studio.entry_with(job_id, "waiting-for-proof")).status
    await check(studio, clock, "tunnel", "verified")
    await nothing_is_ordered(studio)
    await check(studio, clock, "renderer", "verified")

    assert job_id == (await studio.attempt()).job_id


async def test_a_tunnel_that_is_down_refuses_and_fails_nothing(studio: Studio, clock: Clock) -> None:
    """Twenty jobs asked for meanwhile, with the backend out of reach for an hour, are made afterwards."""
    await studio.open_shop()
    await prove(studio, clock)
    await check(studio, clock, "tunnel", "inconclusive")
    await studio.observe(CUT_OFF)
    clock.skip(60)
    jobs = [await studio.ask_picture(speaker(number)) for number in range(1, 21)]
    for job_id in jobs:
        await studio.job_is(job_id, "status", "queued")
    await studio.entry_with(jobs[0], "waiting-for-tunnel")
    clock.skip(3600)
    await nothing_is_ordered(studio)
    await studio.observe(REPORT)
    await prove(studio, clock)

    order = await studio.attempt()
    assert (jobs[0], 1) == (order.job_id, order.attempt)
    statuses = "SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM projection.job"
    assert "dispatched queued" == await studio.fetchval(statuses)
    assert '"faults":0' in await studio.fetchval("SELECT state FROM projection.backend")


async def test_what_was_with_a_backend_is_not_taken_from_it(studio: Studio, clock: Clock) -> None:
    """It may well be rendered there: however long the tunnel is down, no attempt is burnt."""
    await studio.open_shop()
    await prove(studio, clock)
    job_id = await studio.ask_picture(speaker())
    order = await studio.attempt()
    await check(studio, clock, "tunnel", "inconclusive")
    await studio.observe(CUT_OFF)
    clock.skip(7200)
    await nothing_is_ordered(studio)
    await studio.observe(REPORT)
    await studio.succeed(order)

    await studio.job_is(job_id, "status", "succeeded")


async def test_a_leak_stops_what_was_open(studio: Studio, clock: Clock) -> None:
    """What is with a backend ends as it does; nothing new goes, and the person who waits is told why."""
    await studio.open_shop()
    await prove(studio, clock)
    first = await studio.ask_picture(speaker())
    order = await studio.attempt()
    await check(studio, clock, "renderer", "leaked", code="socket-outside", details={"ports": "443"})
    second = await studio.ask_picture(speaker(2))
    await studio.entry_with(second, "leak-found")
    await studio.succeed(order)
    await studio.entry(first, "done")
    await nothing_is_ordered(studio)
    await check(studio, clock, "renderer", "verified")

    assert second == (await studio.attempt()).job_id
    assert ["egress.verified.v1", "egress.leaked.v1", "egress.verified.v1"] == await verdicts(
        studio, "renderer"
    )


async def test_proof_does_not_last(studio: Studio, clock: Clock) -> None:
    """After three intervals without a check nothing is dispatched, and the silence is written down."""
    await studio.open_shop()
    await prove(studio, clock)
    clock.skip(120)
    await check(studio, clock, "renderer", "verified")
    clock.skip(61)
    job_id = await studio.ask_picture(speaker())
    await studio.entry_with(job_id, "waiting-for-proof")
    await nothing_is_ordered(studio)

    async def is_silent() -> bool:
        return (await verdicts(studio, "tunnel"))[-1] == "egress.inconclusive.v1"

    await eventually(is_silent)
    # As every few seconds: it went silent as well, and told late it is not known to be there.
    await studio.report(BackendReported(report=REPORT))
    assert ["egress.verified.v1"] == await verdicts(studio, "renderer")
    await check(studio, clock, "tunnel", "verified")
    assert job_id == (await studio.attempt()).job_id


async def test_what_was_checked_long_ago_proves_nothing(studio: Studio, clock: Clock) -> None:
    """However late it is heard; nor does a clock that goes before ours make it last."""
    await studio.open_shop()
    await check(studio, clock, "renderer", "verified")
    await check(studio, clock, "tunnel", "verified", at=clock() - timedelta(seconds=181))
    await studio.ask_picture(speaker())
    await nothing_is_ordered(studio)
    await check(studio, clock, "tunnel", "verified", at=clock() + timedelta(days=1))
    await studio.attempt()
    clock.skip(181)
    await check(studio, clock, "renderer", "verified")
    await studio.ask_picture(speaker(2))
    await nothing_is_ordered(studio)


async def test_only_what_changed_is_written_down(studio: Studio, clock: Clock) -> None:
    """And the first check of each process."""
    for _ in range(3):
        await check(studio, clock, "tunnel", "verified")
    await check(studio, clock, "tunnel", "verified", process=uuid4())
    await check(studio, clock, "tunnel", "inconclusive")

    assert 2 * ["egress.verified.v1"] + ["egress.inconclusive.v1"] == await verdicts(studio, "tunnel")


async def test_nobody_proves_for_another(studio: Studio, clock: Clock) -> None:
    """What the renderer says of the tunnel is parked."""
    await studio.open_shop()
    fact = message(EgressChecked, position="tunnel", verdict="verified", at=clock())
    await studio.publish(subjects.inbox_egress("renderer"), fact)

    async def parked() -> bool:
        return (await studio.bus.jetstream.stream_info(subjects.PARKED)).state.messages == 1

    await eventually(parked)
    assert [] == await verdicts(studio, "tunnel")


async def test_a_backend_that_is_off_is_no_matter_of_the_tunnel(studio: Studio, clock: Clock) -> None:
    """Its jobs are refused as ever, although nothing could be proved through it either."""
    await studio.open_shop()
    await prove(studio, clock)
    await check(studio, clock, "tunnel", "inconclusive", code="no-backend")
    await studio.observe(replace(CUT_OFF, reason="backend-refused"))
    clock.skip(60)
    entry = await studio.entry(await studio.ask_picture(speaker()), "answered")

    assert "backend-unreachable" == entry.code


async def test_privacy_tells_what_is_proved(studio: Studio, clock: Clock) -> None:
    """At each position, with the way, since when, and when it was last checked."""
    await check(studio, clock, "tunnel", "verified")
    clock.skip(30)
    entry_id = uuid4()
    await studio.say(
        speaker(), Ask(session=speaker(), entry_id=entry_id, topic="privacy", private=secrets(entry_id))
    )
    lines = (await studio.entry(entry_id, "answered")).details["egress"].splitlines()

    assert "renderer\t\t\t\t\t" == lines[1]
    *what, since_s, checked_s = lines[0].split("\t")
    assert ["tunnel", "verified", "anon", "verified"] == what
    assert 30 <= int(checked_s) <= 40
    assert 30 <= int(since_s) <= 40


async def test_direct_mode_needs_no_proof(postgres_url: str, nats_url: str, clock: Clock) -> None:
    """Only a leak closes it; a tunnel process that is away makes jobs wait there as well."""
    async with open_studio(postgres_url, nats_url, mode="direct") as studio:
        await studio.open_shop()
        await studio.ask_picture(speaker())
        await studio.attempt()
        await check(studio, clock, "tunnel", "leaked", mode="direct")
        job_id = await studio.ask_picture(speaker(2))
        await studio.entry_with(job_id, "leak-found")
        await check(studio, clock, "tunnel", "verified", mode="direct")
        await studio.attempt()
        await studio.observe(CUT_OFF)
        clock.skip(60)
        waiting = await studio.ask_picture(speaker(3))
        await studio.entry_with(waiting, "waiting-for-tunnel")
        assert SPEC.digest in await studio.fetchval("SELECT state FROM projection.backend")

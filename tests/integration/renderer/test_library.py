"""Workflows that no file has: fetched from the orchestrator, held against backends, rendered."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from schemas.catalogue import BackendReport
from schemas.facts import BackendReported, RenderFailed, RenderSucceeded
from services.common.bus import BusDownError
from services.renderer import library
from services.renderer.definition import Definition
from services.renderer.library import Library
from tests.integration.renderer.bench import CATALOGUE, Bench, bench, digest_of
from tests.servers import NatsServer, eventually

FLUX = CATALOGUE[digest_of("f")]
MINE = replace(FLUX, name="mine", recipe=replace(FLUX.recipe, command="x", title="Mine"))
MINE_DIGEST = MINE.digest()


def imported(studio: Bench, definition: Definition = MINE) -> str:
    """The orchestrator has this workflow from now on, bound to a command; returns its digest."""
    digest = definition.digest()
    studio.definitions[digest] = definition.text()
    studio.needed.add(digest)
    return digest


async def reported(studio: Bench, digest: str) -> BackendReport | None:
    """The newest report on the backend that runs, once it is about a workflow."""
    reports = [
        fact.report
        for fact in studio.facts.values()
        if isinstance(fact, BackendReported) and fact.report.backend == "gpu"
    ]
    return reports[-1] if reports and digest in reports[-1].lacks else None


async def test_an_imported_workflow_is_reported_on_and_rendered(nats: NatsServer, tmp_path: Path) -> None:
    """Soon after it was registered; its definition is fetched once."""
    async with bench(nats, tmp_path) as studio:
        await eventually(lambda: reported(studio, digest_of("f")))
        digest = imported(studio)
        report = await eventually(lambda: reported(studio, digest))
        success = await studio.fact(RenderSucceeded, await studio.order("f", workflow=digest))

        assert () == report.lacks[digest]
        assert 1 == len(success.images)
        assert [digest] == studio.asked_for


async def test_the_first_report_is_about_imported_workflows_too(nats: NatsServer, tmp_path: Path) -> None:
    """After a start, too, there is no moment in which a backend seems not to be able to render them."""
    async with bench(nats, tmp_path, started=False) as studio:
        digest = imported(studio)
        studio.listing_s = 0.5
        await studio.start()
        await eventually(lambda: reported(studio, digest))
        first = next(
            fact.report
            for fact in studio.facts.values()
            if isinstance(fact, BackendReported) and fact.report.backend == "gpu"
        )

        assert {*CATALOGUE, digest} == set(first.lacks)


class Silence:
    """An orchestrator that does not say what there is for so many questions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, questions: int) -> None:
        self.asked = 0
        refresh = Library.refresh

        async def refreshed(its: Library) -> bool:
            self.asked += 1
            if self.asked <= questions:
                raise BusDownError("nobody there yet")
            return await refresh(its)

        monkeypatch.setattr(library, "AGAIN_S", 0.1)
        monkeypatch.setattr(Library, "refresh", refreshed)

    async def was_asked(self) -> bool:
        """Whether it was asked again and again."""
        return self.asked > 5


async def test_an_orchestrator_that_comes_later(
    nats: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it has answered nothing is reported: it would be without what was imported."""
    Silence(monkeypatch, 5)
    async with bench(nats, tmp_path) as studio:
        digest = imported(studio)
        await eventually(lambda: reported(studio, digest))
        facts = [fact.report for fact in studio.facts.values() if isinstance(fact, BackendReported)]

        assert all(digest in one.lacks for one in facts if one.reachable)


async def test_an_orchestrator_that_never_comes(
    nats: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renderer that waits for it stops all the same."""
    silence = Silence(monkeypatch, 1_000_000)
    async with bench(nats, tmp_path) as studio:
        await eventually(silence.was_asked)
        assert [] == [fact for fact in studio.facts.values() if isinstance(fact, BackendReported)]


async def test_what_is_not_needed_any_more_is_dropped(nats: NatsServer, tmp_path: Path) -> None:
    """From the reports too; what is in a file stays."""
    async with bench(nats, tmp_path) as studio:
        digest = imported(studio)
        await eventually(lambda: reported(studio, digest))
        studio.needed.clear()

        async def dropped() -> bool:
            report = await reported(studio, digest_of("f"))
            return report is not None and digest not in report.lacks

        await eventually(dropped)


async def test_an_attempt_may_be_of_an_older_version(nats: NatsServer, tmp_path: Path) -> None:
    """One that no list names is asked for when it is needed."""
    async with bench(nats, tmp_path) as studio:
        studio.definitions[MINE_DIGEST] = MINE.text()

        await studio.fact(RenderSucceeded, await studio.order("f", workflow=MINE_DIGEST))


@pytest.mark.parametrize(
    "definition",
    ["", MINE.text().replace("Mine", "Forged"), "{"],
    ids=["none", "another digest", "not readable"],
)
async def test_a_workflow_that_is_not_what_it_is_called(
    nats: NatsServer, tmp_path: Path, definition: str
) -> None:
    """It is not rendered, and not reported as if it could be."""
    async with bench(nats, tmp_path) as studio:
        studio.needed.add(MINE_DIGEST)
        studio.definitions[MINE_DIGEST] = definition
        order = await studio.order("f", workflow=MINE_DIGEST)
        failure = await studio.fact(RenderFailed, order)
        await eventually(lambda: reported(studio, digest_of("f")))

        assert ("workflow-unknown", False) == (failure.code, failure.retryable)
        assert await reported(studio, MINE_DIGEST) is None
        assert 0 == studio.submissions

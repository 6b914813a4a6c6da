"""What the orchestrator is told of backends and workflows without asking."""

from __future__ import annotations

import os
from pathlib import Path

from schemas.catalogue import BackendReport, Lack
from schemas.facts import BackendReported, WorkflowAnnounced
from tests.integration.renderer.bench import CATALOGUE, Bench, bench, digest_of, png
from tests.servers import NatsServer, eventually


async def reports(studio: Bench, backend: str) -> list[BackendReport]:
    """The reports on one backend so far."""
    return [
        fact.report
        for fact in studio.facts.values()
        if isinstance(fact, BackendReported) and fact.report.backend == backend
    ]


async def all_announced(studio: Bench) -> list[WorkflowAnnounced]:
    """The announcements, once there is one for each workflow."""
    found = [fact for fact in studio.facts.values() if isinstance(fact, WorkflowAnnounced)]
    return found if len(found) == len(CATALOGUE) else []


def nameless(folder: Path) -> None:
    """Put a picture there, as a machine with another encoding would have called it."""
    folder.mkdir()
    (folder / os.fsdecode(b"caf\xe9.png")).write_bytes(png())


async def test_a_backend_is_reported_at_once(nats: NatsServer, tmp_path: Path) -> None:
    """Version, devices, that it is the simulator, and that it lacks nothing for any workflow."""
    async with bench(nats, tmp_path) as studio:
        (report, *_) = await eventually(lambda: reports(studio, "gpu"))

        assert (True, True) == (report.reachable, report.simulated)
        assert report.version
        assert report.devices
        assert dict.fromkeys(CATALOGUE, ()) == report.lacks


async def test_what_it_lacks_is_said_by_workflow(nats: NatsServer, tmp_path: Path) -> None:
    """Only the workflow that needs the missing model is affected."""
    model = "qwen_image_vae.safetensors"
    async with bench(nats, tmp_path, without=(model,)) as studio:
        (report, *_) = await eventually(lambda: reports(studio, "gpu"))

        assert (Lack(what="model", name=model, folder="vae"),) == report.lacks[digest_of("qwen")]
        assert () == report.lacks[digest_of("f")]


async def test_a_backend_that_is_off_is_reported(nats: NatsServer, tmp_path: Path) -> None:
    """With the reason; and only once while nothing changes."""
    async with bench(nats, tmp_path) as studio:
        (report, *_) = await eventually(lambda: reports(studio, "off"))
        await eventually(lambda: reports(studio, "gpu"))

        assert (False, "backend-refused") == (report.reachable, report.reason)
        assert 1 == len(await reports(studio, "off"))


async def test_the_catalogue_is_announced(nats: NatsServer, tmp_path: Path) -> None:
    """Every workflow with its whole definition, whose hash is its digest."""
    async with bench(nats, tmp_path) as studio:
        announced = await eventually(lambda: all_announced(studio))

        assert set(CATALOGUE) == {fact.spec.digest for fact in announced}


async def test_a_file_with_a_name_that_is_no_text(nats: NatsServer, tmp_path: Path) -> None:
    """ComfyUI lists it as half of a character, which is not JSON; the backend is read all the same."""
    nameless(tmp_path / "input")
    async with bench(nats, tmp_path) as studio:
        (report, *_) = await eventually(lambda: reports(studio, "gpu"))

        assert (True, "") == (report.reachable, report.reason)

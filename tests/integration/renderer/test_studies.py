"""What a file would be as a workflow, asked of a renderer by an operator. There is always an answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from schemas import codec, subjects
from schemas.importing import DEFINITION_BYTES_MAX, Studied, StudyAnswer, StudyRefused, StudyWorkflow
from services.common.bus import Bus, BusDownError, connect
from services.renderer import studies
from tests.builders import SPEC, message
from tests.integration.renderer.bench import bench
from tests.servers import NatsServer, eventually

QUESTION = message(StudyWorkflow)


def found(question: StudyWorkflow, object_info: dict[str, Any], backend: str) -> StudyAnswer:
    """What a study would find, as far as these tests look at it."""
    nodes = {"nodes": f"{len(object_info)} with SaveImage" if "SaveImage" in object_info else "none"}
    return Studied(spec=SPEC, definition=question.file, found=nodes, backend=backend)


@asynccontextmanager
async def asking(nats: NatsServer, folder: Path, **options: Any) -> AsyncGenerator[Bus]:
    """An operator's connection, while a renderer answers."""
    async with bench(nats, folder, **options):
        bus = await connect(nats.urls["cli"], "cli")

        async def answers() -> bool:
            try:
                await bus.request(subjects.study(), "?")
            except BusDownError:
                return False
            return True

        await eventually(answers)
        yield bus
        await bus.close()


async def answer(bus: Bus, question: object) -> StudyAnswer:
    """What the renderer says."""
    return codec.decode_studied(await bus.request(subjects.study(), question))


@pytest.fixture(autouse=True)
def fake_study(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found in a file is another test's."""
    monkeypatch.setattr(studies, "study", found)


async def test_a_file_is_held_against_what_a_backend_has(nats: NatsServer, tmp_path: Path) -> None:
    """Against the one that is named, or against any that answers; here one of the two is off."""
    async with asking(nats, tmp_path) as bus:
        named = await answer(bus, replace(QUESTION, backend="gpu"))
        any_ = await answer(bus, QUESTION)

        assert isinstance(named, Studied)
        assert "gpu" == named.backend
        assert "SaveImage" in named.found["nodes"]
        assert named == any_


@pytest.mark.parametrize(
    ("question", "code", "says"),
    [
        (replace(QUESTION, backend="off"), "no-backend", "off: backend-refused"),
        (
            replace(QUESTION, backend="cloud"),
            "unknown-backend",
            "There is no backend cloud. There is: gpu, off.",
        ),
        ("nonsense", "undecodable", "can't be read"),
        (replace(QUESTION, command="Not A Command"), "undecodable", "command"),
        (replace(QUESTION, file="x" * DEFINITION_BYTES_MAX), "too-large", "900,000 bytes"),
    ],
    ids=["off", "unknown", "nonsense", "bad command", "too large"],
)
async def test_what_can_not_be_studied_is_refused(
    nats: NatsServer, tmp_path: Path, question: object, code: str, says: str
) -> None:
    """Each with a sentence."""
    async with asking(nats, tmp_path) as bus:
        refused = await answer(bus, question)

        assert isinstance(refused, StudyRefused)
        assert code == refused.code
        assert says in refused.problems[0]

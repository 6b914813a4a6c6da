"""``darkroom workflow import`` and ``bind`` beside a working orchestrator; the test plays the renderer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from msgspec.structs import replace
from nats.aio.msg import Msg

from schemas import codec, subjects
from schemas.catalogue import BackendReport, Bounds, Lack
from schemas.importing import (
    Candidate,
    Studied,
    StudyAnswer,
    StudyRefused,
    StudyUnclear,
    StudyWorkflow,
    Unclear,
)
from services.common.bus import Bus, connect
from services.renderer.catalogue import OWN, read_workflow
from tests.builders import EDIT_SPEC, REPORT, SPEC
from tests.integration.cli.operator import Operator
from tests.integration.orchestrator.studio import Studio
from tests.servers import NatsServer, eventually

FLUX = read_workflow(OWN / "flux-schnell")
MINE = replace(FLUX, name="mine", recipe=replace(FLUX.recipe, command="x", title="Mine"))
LACKING = Lack(what="model", name="a.safetensors", folder="vae")
STUDIED = Studied(
    spec=MINE.spec(),
    definition=MINE.text(),
    found={"prompt": "input text of Words (6)"},
    backend="gpu",
    warnings=("Nothing takes a size.",),
)


class Renderer:
    """
    Answers studies, and reports on its backend when there is another workflow.

    Attributes:
        answer: To the next questions.
        asked: The questions.
        lacks: What the backend lacks for a workflow that is imported.
    """

    def __init__(self, studio: Studio, bus: Bus) -> None:
        self.answer: StudyAnswer = STUDIED
        self.asked: list[StudyWorkflow] = []
        self.lacks: tuple[Lack, ...] = ()
        self._studio = studio
        self.bus = bus

    async def study(self, message: Msg) -> None:
        """Answer one question."""
        self.asked.append(codec.decode_study(message.data))
        await message.respond(codec.encode(self.answer))

    async def observe(self, digest: str, backend: str = "gpu") -> BackendReport:
        """Report on a backend, as a renderer does when it has heard of a workflow."""
        lacks = {SPEC.digest: (), EDIT_SPEC.digest: (), digest: self.lacks}
        report = replace(REPORT, backend=backend, lacks=lacks)
        await self._studio.observe(report)
        return report


@pytest.fixture
async def renderer(studio: Studio, nats: NatsServer) -> AsyncGenerator[Renderer]:
    bus = await connect(nats.urls["renderer"], "renderer")
    playing = Renderer(studio, bus)
    await bus.subscribe(subjects.study(), playing.study, queue="renderer")
    yield playing
    await bus.close()


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Something that was exported."""
    path = tmp_path / "mine.json"
    path.write_text('{"6": {}}', encoding="utf-8")
    return str(path)


async def binding(studio: Studio, command: str) -> str:
    """The digest that a command means, if it means one."""
    found = await studio.fetchval(
        "SELECT state::json ->> 'digest' FROM projection.command WHERE id = $1", command
    )
    return str(found or "")


async def test_a_file_becomes_a_command(
    studio: Studio, renderer: Renderer, operator: Operator, file: str
) -> None:
    """What was found is shown; it is registered and bound; it is said who can render it."""
    await renderer.observe(MINE.digest())
    flags = ("--prompt", "6.text", "--bounds", "steps=1:9:4", "--title", "Mine", "--backend", "gpu")
    done = await operator.workflow("import", file, "--command", "/x", *flags)

    [question] = renderer.asked
    assert ("mine", "x", '{"6": {}}', "gpu") == (
        question.name,
        question.command,
        question.file,
        question.backend,
    )
    assert ("Mine", {"prompt": ("6.text",)}, {"steps": Bounds(least=1, most=9, default=4)}) == (
        question.choices.title,
        question.choices.slots,
        question.choices.bounds,
    )
    assert 0 == done.code, done.err
    assert "mine.json as /x: Mine (image)" in done.out
    assert "input text of Words (6)" in done.out
    assert "Note: Nothing takes a size." in done.out
    assert done.out.endswith("/x is ready: 1 backend can render it (gpu).\n")
    assert MINE.digest() == await binding(studio, "x")


async def test_it_waits_for_backends_and_says_what_is_lacking(
    studio: Studio, renderer: Renderer, operator: Operator, file: str
) -> None:
    """Bound all the same; where the file goes; and whether one of the others can do it."""
    renderer.lacks = (LACKING,)
    await renderer.observe(MINE.digest())
    poor = await operator.workflow("import", file, "--command", "/x")
    renderer.lacks = ()
    await renderer.observe(MINE.digest(), "rich")
    await studio.observe(BackendReport(backend="off", reachable=False, reason="backend-refused"))
    both = await operator.workflow("import", file, "--command", "/x", "--json")

    assert (1, 0) == (poor.code, both.code)
    assert "/x is bound, and no backend can render it yet." in poor.out
    assert "gpu lacks the model a.safetensors: put it into ComfyUI's models/vae" in poor.out
    assert both.json["ok"]
    assert {
        "able": ["rich"],
        "lacks": {"gpu": [{"what": "model", "name": "a.safetensors", "folder": "vae"}]},
        "silent": ["off"],
    } == both.json["backends"]
    assert (MINE.digest(), "/x") == (both.json["digest"], both.json["command"])


async def test_a_command_is_not_replaced_unasked(
    studio: Studio, renderer: Renderer, operator: Operator, file: str
) -> None:
    """Without a terminal it says what the command means now, and how to insist."""
    renderer.answer = replace(STUDIED, spec=replace(STUDIED.spec, command="f"))
    await renderer.observe(MINE.digest())
    refused = await operator.workflow("import", file, "--command", "/f")
    before = await binding(studio, "f")
    insisted = await operator.workflow("import", file, "--command", "/f", "--yes")

    assert (2, SPEC.digest) == (refused.code, before)
    assert "/f means FLUX schnell (flux-schnell, 555555555555) now, since " in refused.err
    assert refused.err.endswith("Give --yes to replace it.\n")
    assert (0, MINE.digest()) == (insisted.code, await binding(studio, "f"))


async def test_a_dry_run_changes_nothing(
    studio: Studio, renderer: Renderer, operator: Operator, file: str
) -> None:
    """It holds when the backend that was asked lacks nothing."""
    good = await operator.workflow("import", file, "--command", "/x", "--dry-run", "--json")
    renderer.answer = replace(STUDIED, lacks=(LACKING,))
    poor = await operator.workflow("import", file, "--command", "/x", "--dry-run")

    assert (0, 1) == (good.code, poor.code)
    assert (True, STUDIED.found) == (good.json["dry_run"], good.json["found"])
    assert "gpu lacks the model a.safetensors" in poor.out
    assert "" == await binding(studio, "x")


async def test_questions_are_printed_with_their_flags(
    renderer: Renderer, operator: Operator, file: str
) -> None:
    """Where nobody can be asked, each candidate is what is to be typed."""
    renderer.answer = StudyUnclear(
        questions=(
            Unclear(
                what="prompt",
                why="Two nodes take words.",
                candidates=(
                    Candidate(value="6.text", label="Words"),
                    Candidate(value="77.text", label="More words"),
                ),
            ),
        )
    )
    words = await operator.workflow("import", file, "--command", "/x")
    data = await operator.workflow("import", file, "--command", "/x", "--json")

    assert (2, 2) == (words.code, data.code)
    assert words.err.endswith(
        "Two nodes take words.\n  --prompt 6.text   Words\n  --prompt 77.text  More words\n"
    )
    assert ["--prompt"] == [one["flag"] for one in data.json["questions"]]


async def test_what_can_not_become_a_workflow(renderer: Renderer, operator: Operator, file: str) -> None:
    """The renderer's sentences, and nothing is registered; a backend that is off leaves it open."""
    renderer.answer = StudyRefused(code="no-output", problems=("Nothing is saved.", "Add a SaveImage."))
    refused = await operator.workflow("import", file, "--command", "/x")
    renderer.answer = StudyRefused(code="no-backend", problems=("No backend answers.",))
    open_ = await operator.workflow("import", file, "--command", "/x", "--json")

    assert 1 == refused.code
    assert refused.err.endswith("Nothing is saved.\nAdd a SaveImage.\n")
    assert (2, {"ok": False, "error": "No backend answers."}) == (open_.code, open_.json)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--command", "/help"), "/help is a command of the chat itself."),
        (("--command", "/cancel"), "/cancel is a command of the chat itself."),
        (("--command", "/x", "--prompt", "6"), "like --prompt 6.text"),
        (("--command", "/x", "--bounds", "steps"), "--bounds steps=1:50:20"),
    ],
)
async def test_what_was_typed_wrong(
    operator: Operator, file: str, arguments: tuple[str, ...], says: str
) -> None:
    """One sentence, and nobody is asked anything."""
    done = await operator.workflow("import", file, *arguments)

    assert 1 == done.code
    assert says in done.err


async def test_files_that_can_not_be_sent(operator: Operator, tmp_path: Path) -> None:
    """Not there, a picture, or too large for a message: how to get the right one."""
    picture, large = tmp_path / "a.png", tmp_path / "large.json"
    picture.write_bytes(b"\x89PNG\r\n")
    large.write_text('{"a": "' + "x" * 800_000 + '"}', encoding="utf-8")
    errors = [
        (await operator.workflow("import", str(path), "--command", "/x")).err
        for path in (tmp_path / "none.json", picture, large)
    ]

    assert "can't be read" in errors[0]
    assert "is not text" in errors[1]
    assert "800,009 bytes" in errors[2]


async def test_no_renderer_answers(studio: Studio, operator: Operator, file: str) -> None:
    """It could not be told; where to look is said."""
    done = await operator.workflow("import", file, "--command", "/x")

    assert 2 == done.code
    assert "No renderer answers" in done.err
    assert "darkroom doctor" in done.err


async def test_bind_goes_back_to_an_older_version(
    studio: Studio, renderer: Renderer, operator: Operator, file: str
) -> None:
    """By the start of its digest; by its name, as another command; and given back to what is shipped."""
    await renderer.observe(MINE.digest())
    await operator.workflow("import", file, "--command", "/x")
    flux = await operator.workflow("bind", "/x", SPEC.digest[:10])
    after = await binding(studio, "x")
    other = await operator.workflow("bind", "/other", "mine", "--json")
    given_back = await operator.workflow("bind", "/f", "/f", "--follow")
    unknown = await operator.workflow("bind", "/x", "unheard-of")

    assert (0, SPEC.digest) == (flux.code, after)
    assert "/x is ready: 1 backend can render it (gpu).\n" == flux.out
    assert (0, "/other", MINE.digest()) == (other.code, other.json["command"], other.json["digest"])
    assert MINE.digest() == await binding(studio, "other")
    assert 0 == given_back.code
    assert (1, "There is no workflow unheard-of.") == (unknown.code, unknown.err.partition(" See")[0])


async def test_an_orchestrator_that_is_gone(
    studio: Studio, renderer: Renderer, nats: NatsServer, operator: Operator, file: str
) -> None:
    """NATS away: nothing was told to anybody, and that is said."""
    await nats.stop()
    done = await operator.workflow("import", file, "--command", "/x")
    await nats.start()

    async def is_back() -> bool:
        return renderer.bus.is_up and studio.bus.is_up

    await eventually(is_back)
    assert 2 == done.code
    assert "NATS does not answer" in done.err

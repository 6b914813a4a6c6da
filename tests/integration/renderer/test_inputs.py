"""Pictures to edit cross the tunnel once, and whoever clears the backend's folder breaks nothing."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from schemas.facts import RenderSucceeded
from services.renderer.attempt import Attempt
from services.renderer.service import new_session
from services.renderer.studio import Studio
from tests.integration.renderer.bench import Bench, bench, png
from tests.integration.renderer.mortality import Breaker
from tests.servers import NatsServer, eventually

UPLOAD, ASK = "POST /upload/image", "HEAD /view"


def large() -> bytes:
    """A picture that is worth asking for before it is sent."""
    buffer = BytesIO()
    Image.effect_noise((512, 512), 80).save(buffer, "PNG")
    return buffer.getvalue()


def inputs(folder: Path) -> list[Path]:
    """What lies in the backend's input folder."""
    return sorted((folder / "input").iterdir())


async def edited(studio: Bench, process: Studio, picture: bytes) -> None:
    """An edit succeeds."""
    order = await studio.written("qwen", inputs=(picture,))
    await Attempt(process, order).run()
    assert isinstance(await studio.outcome(order), RenderSucceeded)
    assert 1 == studio.sim.runs.rendered[str(order.prompt_id)]


async def test_a_repeated_picture_is_sent_once(nats: NatsServer, tmp_path: Path) -> None:
    """The process remembers what it sent: the second edit asks for nothing and sends nothing."""
    async with bench(nats, tmp_path, started=False) as studio, new_session() as session:
        line = Breaker()
        process = studio.beyond(line, session)
        for picture in (png("teal"), png("teal")):
            await edited(studio, process, picture)

        assert (1, 0) == (line.routes.count(UPLOAD), line.routes.count(ASK))


async def test_another_process_asks_before_it_sends_much(nats: NatsServer, tmp_path: Path) -> None:
    """A large picture that is there already costs one question without a body."""
    async with bench(nats, tmp_path, started=False) as studio, new_session() as session:
        picture, line = large(), Breaker()
        for process in (studio.beyond(line, session), studio.beyond(line, session)):
            await edited(studio, process, picture)

        assert (1, 2) == (line.routes.count(UPLOAD), line.routes.count(ASK))


async def test_a_picture_that_is_only_half_there(nats: NatsServer, tmp_path: Path) -> None:
    """Its size gives it away; it is sent whole, and goes by the name that the backend gives it."""
    async with bench(nats, tmp_path, started=False) as studio, new_session() as session:
        picture, line = large(), Breaker()
        await edited(studio, studio.beyond(line, session), picture)
        (file,) = inputs(tmp_path)
        file.write_bytes(picture[:1000])
        await edited(studio, studio.beyond(line, session), picture)

        assert [f"{file.stem} (1).png", file.name] == [one.name for one in inputs(tmp_path)]


async def test_a_picture_that_was_cleared_away(nats: NatsServer, tmp_path: Path) -> None:
    """The backend refuses the prompt for it: the picture is sent again, and nobody is blamed."""
    async with bench(nats, tmp_path, started=False) as studio, new_session() as session:
        line = Breaker()
        process = studio.beyond(line, session)
        await edited(studio, process, png("teal"))
        for file in inputs(tmp_path):
            file.unlink()
        await edited(studio, process, png("teal"))

        assert (2, 3) == (line.routes.count(UPLOAD), line.routes.count("POST /prompt"))


async def test_a_picture_that_is_cleared_away_while_it_waits(nats: NatsServer, tmp_path: Path) -> None:
    """The prompt is taken and fails when its turn comes: it is queued once more, and rendered once."""
    async with bench(nats, tmp_path, step_s=0.3) as studio:
        studio.sim.faults.hang_before_step = 2
        first = await studio.order()
        await studio.hanging(first)
        second = await studio.order("qwen", inputs=(png("teal"),))

        async def staged() -> bool:
            return bool((await studio.comfyui("/queue"))["queue_pending"])

        await eventually(staged)
        for file in inputs(tmp_path):
            file.unlink()
        studio.sim.faults.hang_before_step = None

        assert isinstance(await studio.outcome(second), RenderSucceeded)
        await studio.settled()
        assert 1 == studio.sim.runs.rendered[str(second.prompt_id)]

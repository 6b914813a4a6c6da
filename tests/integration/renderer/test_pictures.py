"""From an order to sealed pictures, through the real tunnel."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

from PIL import Image

from schemas.facts import RenderStarted, RenderSucceeded
from schemas.params import RenderParams
from tests.integration.renderer.bench import PROMPT, bench, png
from tests.servers import NatsServer, eventually


async def test_words_become_a_picture(nats: NatsServer, tmp_path: Path) -> None:
    """The picture has the asked size, its times are filled in, and it was told to run just once."""
    async with bench(nats, tmp_path) as studio:
        order = await studio.order(params=RenderParams(seed=7, width_px=512, height_px=768))
        success = await studio.fact(RenderSucceeded, order)

        image = Image.open(BytesIO(await studio.picture(success)))
        assert (512, 768) == image.size
        assert ("image/png", 512, 768) == (
            success.images[0].mime,
            success.images[0].width_px,
            success.images[0].height_px,
        )
        assert success.timings.render_s > 0.05
        assert 1 == sum(isinstance(fact, RenderStarted) for fact in studio.facts.values())
        assert {str(order.prompt_id): 1} == studio.sim.runs.rendered


async def test_the_picture_carries_no_words(nats: NatsServer, tmp_path: Path) -> None:
    """ComfyUI writes the whole prompt into its file; what is stored has none of it."""
    async with bench(nats, tmp_path) as studio:
        order = await studio.order()
        plain = await studio.picture(await studio.fact(RenderSucceeded, order))

        (file,) = (tmp_path / "output").rglob("*.png")
        assert PROMPT.encode() in file.read_bytes()
        assert PROMPT.encode() not in plain
        assert f"darkroom-{order.prompt_id}" in file.name


async def test_progress_is_told_to_the_last_step(nats: NatsServer, tmp_path: Path) -> None:
    """Progress names the workflow's node, counts its steps to the end, and never goes back."""
    async with bench(nats, tmp_path, step_s=0.1) as studio:
        order = await studio.order()
        await studio.fact(RenderSucceeded, order)

        steps = [note for note in studio.progress if note.steps]
        assert ("Sample", 4, 4) == (steps[-1].node, steps[-1].step, steps[-1].steps)
        percents = [note.percent for note in studio.progress if note.stage == "rendering"]
        assert sorted(percents) == percents
        assert {"queued", "rendering", "downloading"} == {note.stage for note in studio.progress}


async def test_an_edit_uploads_its_pictures_by_content(nats: NatsServer, tmp_path: Path) -> None:
    """Two pictures are edited together; a picture used again is not stored twice."""
    async with bench(nats, tmp_path) as studio:
        first = await studio.order("qwen", inputs=(png("teal"), png("pink")))
        success = await studio.fact(RenderSucceeded, first)
        again = await studio.order("qwen", inputs=(png("pink"),))
        await studio.fact(RenderSucceeded, again)

        assert 1 == len(success.images)
        names = {f"darkroom-{hashlib.sha256(png(colour)).hexdigest()}.png" for colour in ("teal", "pink")}
        assert names == {file.name for file in (tmp_path / "input").iterdir()}


async def test_several_pictures_at_once(nats: NatsServer, tmp_path: Path) -> None:
    """``-n 3`` gives three pictures, each under a key of its own."""
    async with bench(nats, tmp_path) as studio:
        order = await studio.order(params=RenderParams(seed=7, count=3, width_px=256, height_px=256))
        success = await studio.fact(RenderSucceeded, order)

        pictures = [await studio.picture(success, index) for index in range(3)]
        assert 3 == len(success.images) == len({Image.open(BytesIO(one)).tobytes() for one in pictures})


async def test_the_history_is_purged_once_it_is_recorded(nats: NatsServer, tmp_path: Path) -> None:
    """While the log may not know the outcome, ComfyUI keeps it; then it is taken out."""
    async with bench(nats, tmp_path) as studio:
        studio.records = False
        order = await studio.order()
        await studio.fact(RenderSucceeded, order)
        await studio.settled()
        await studio.asked_again()
        assert str(order.prompt_id) in await studio.comfyui("/history")

        studio.records = True
        await eventually(studio.has_no_history)


async def test_a_download_that_breaks_goes_on_where_it_was(nats: NatsServer, tmp_path: Path) -> None:
    """Every connection brings only a part, and the picture is whole all the same."""
    async with bench(nats, tmp_path) as studio:
        studio.sim.faults.view_cut_after_bytes = 1500
        order = await studio.order(params=RenderParams(seed=7, width_px=256, height_px=256))
        plain = await studio.picture(await studio.fact(RenderSucceeded, order))

        assert (256, 256) == Image.open(BytesIO(plain)).size
        assert len(plain) > 1500

"""The picture as it grows."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from schemas.facts import RenderSucceeded
from services.common.seal import UnsealError, unseal
from services.renderer.thumbnail import SIDE_PX_MAX
from tests.integration.renderer.bench import KEYRING, bench
from tests.servers import NatsServer


async def test_previews_come_with_progress(nats: NatsServer, tmp_path: Path) -> None:
    """They are small JPEGs, sealed for their job, between steps and not more often than they can be shown."""
    async with bench(nats, tmp_path, step_s=0.4) as studio:
        order = await studio.order()
        await studio.fact(RenderSucceeded, order)

        shown = [note for note in studio.progress if note.preview]
        assert 1 <= len(shown) <= 3
        assert {("rendering", "Sample")} == {(note.stage, note.node) for note in shown}
        for note in shown:
            plain = unseal(KEYRING.transport, note.preview, order.job_id)
            with Image.open(BytesIO(plain), formats=("JPEG",)) as picture:
                assert max(picture.size) <= SIDE_PX_MAX
        with pytest.raises(UnsealError):
            unseal(KEYRING.transport, shown[0].preview, order.chain_id.__class__(int=1))


async def test_previews_are_of_this_prompt_only(nats: NatsServer, tmp_path: Path) -> None:
    """The staged attempt listens too, and shows nothing of what runs before it."""
    async with bench(nats, tmp_path, step_s=0.4) as studio:
        first = await studio.order()
        await studio.running(first)
        second = await studio.order()
        await studio.fact(RenderSucceeded, first)

        assert [] == [
            note for note in studio.progress if note.job_id == second.job_id and (note.preview or note.step)
        ]
        await studio.outcome(second)

"""Videos as the simulator writes them."""

from __future__ import annotations

import os
from pathlib import Path

import av
from PIL import Image

from services.devstack.comfyui.nodes.video_file import write_webm
from services.devstack.comfyui.values import Video


def test_an_encoder_leaves_its_thread_as_it_was(tmp_path: Path) -> None:
    """SVT-AV1 makes root's thread a real-time one, which everything started from it would inherit."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    frames = tuple(Image.new("RGB", (64, 64), (number * 20, 80, 120)) for number in range(3))

    write_webm(tmp_path / "x.webm", Video(frames=frames, fps=8.0), "av1", 32.0, {})

    assert before == (os.sched_getscheduler(0), os.sched_getparam(0))
    with av.open(tmp_path / "x.webm") as written:
        assert 3 == sum(1 for _ in written.decode(video=0))

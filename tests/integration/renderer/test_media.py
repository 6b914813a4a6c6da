"""Whatever a workflow makes: animations, videos, sounds, several of them, and what is none of these."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from schemas.catalogue import Kind
from schemas.facts import RenderFailed, RenderSucceeded
from schemas.private import MediaKeys
from services.common.seal import unseal_struct
from services.renderer.definition import Bindings, Definition, Recipe
from services.renderer.graph import Graph, GraphNode
from tests.integration.renderer.bench import KEYRING, Bench, bench
from tests.servers import NatsServer

TOLD = b"class_type"
"""A word of every graph: ComfyUI writes all of it into each file."""


def node(class_type: str, **inputs: Any) -> GraphNode:
    """A node, whose links are its lists."""
    return GraphNode(class_type=class_type, inputs=inputs)


FRAMES: Graph = {
    "1": node("EmptyImage", width=64, height=48, batch_size=1, color=0x2080C0),
    "2": node("ImageInvert", image=["1", 0]),
    "frames": node("ImageBatch", image1=["1", 0], image2=["2", 0]),
    "silence": node("EmptyAudio", duration=0.5, sample_rate=44100, channels=2),
    "clip": node("CreateVideo", images=["frames", 0], fps=4, audio=["silence", 0]),
    "latent": node("EmptyLatentImage", width=64, height=48, batch_size=1),
}
SAVERS: dict[str, GraphNode] = {
    "video": node("SaveVideo", video=["clip", 0], filename_prefix="x", format="auto", codec="auto"),
    "webm": node("SaveWEBM", images=["frames", 0], filename_prefix="x", codec="vp9", fps=4, crf=32),
    "webp": node(
        "SaveAnimatedWEBP",
        images=["frames", 0],
        filename_prefix="x",
        fps=4,
        lossless=True,
        quality=80,
        method="default",
    ),
    "apng": node("SaveAnimatedPNG", images=["frames", 0], filename_prefix="x", fps=4, compress_level=4),
    "flac": node("SaveAudio", audio=["silence", 0], filename_prefix="x"),
    "mp3": node("SaveAudioMP3", audio=["silence", 0], filename_prefix="x", quality="V0"),
    "opus": node("SaveAudioOpus", audio=["silence", 0], filename_prefix="x", quality="96k"),
    "pictures": node("SaveImage", images=["frames", 0], filename_prefix="x"),
    "heard": node("PreviewAudio", audio=["silence", 0]),
    "seen": node("PreviewImage", images=["1", 0]),
    "numbers": node("SaveLatent", samples=["latent", 0], filename_prefix="x"),
    "words": node("PreviewAny", source=["1", 0]),
}


def workflow(*outputs: str, kind: Kind = "video") -> Definition:
    """A workflow that ends in these savers."""
    graph = {**FRAMES, **{name: SAVERS[name] for name in outputs}}
    recipe = Recipe(command="x", title="X", kind=kind, outputs=outputs, bind=Bindings())
    return Definition(name="x", recipe=recipe, prompt=graph)


async def made(studio: Bench, *outputs: str) -> RenderSucceeded:
    """What such a workflow makes."""
    fact = await studio.outcome(await ordered(studio, *outputs))
    assert isinstance(fact, RenderSucceeded), fact
    return fact


async def failed(studio: Bench, *outputs: str) -> RenderFailed:
    """How such a workflow fails."""
    fact = await studio.outcome(await ordered(studio, *outputs))
    assert isinstance(fact, RenderFailed), fact
    return fact


async def ordered(studio: Bench, *outputs: str) -> Any:
    """The order of a workflow that only the log has."""
    definition = workflow(*outputs)
    digest = definition.digest()
    studio.definitions[digest] = definition.text()
    studio.needed.add(digest)
    return await studio.order("x", workflow=digest)


MADE = {
    "video": ("video/mp4", 64, 48, False, 0.5),
    "webm": ("video/webm", 64, 48, False, 0.5),
    "webp": ("image/webp", 64, 48, True, 0.5),
    "apng": ("image/png", 64, 48, True, 0.5),
    "flac": ("audio/flac", 0, 0, False, 0.5),
    "mp3": ("audio/mpeg", 0, 0, False, 0.5),
    "opus": ("audio/ogg", 0, 0, False, 0.5),
    "heard": ("audio/flac", 0, 0, False, 0.5),
    "seen": ("image/png", 64, 48, False, 0.0),
}
"""What each saver makes: type, width, height, whether it is an animation, and its length in seconds."""


async def test_every_medium_is_measured_and_says_nothing(nats: NatsServer, tmp_path: Path) -> None:
    """Told from its bytes; the graph stands in each of ComfyUI's files, and in nothing that is stored."""
    async with bench(nats, tmp_path) as studio:
        success = await made(studio, *MADE)
        plain = [await studio.picture(success, index) for index in range(len(MADE))]
        files = [one for folder in ("output", "temp") for one in (tmp_path / folder).rglob("*.*")]
        told = [file.name for file in files if TOLD in file.read_bytes()]

    measured = [
        (ref.mime, ref.width_px, ref.height_px, ref.animated, round(ref.duration_s, 1))
        for ref in success.images
    ]
    assert list(MADE.values()) == measured
    assert len(MADE) == len(told)
    assert not any(TOLD in one for one in plain)
    assert [len(one) for one in plain] == [ref.size_bytes for ref in success.images]


async def test_a_video_has_a_poster(nats: NatsServer, tmp_path: Path) -> None:
    """A JPEG of its own in the store, of the video's size and first colour, under a key of its own."""
    async with bench(nats, tmp_path) as studio:
        success = await made(studio, "video", "webm")
        keys = unseal_struct(KEYRING.transport, success.private, success.job_id, MediaKeys).keys
        stills = [ref.poster for ref in success.images if ref.poster is not None]
        posters = [await studio.media.get(still, keys[still.media_id]) for still in stills]

    assert 2 * [("image/jpeg", 64, 48)] == [(one.mime, one.width_px, one.height_px) for one in stills]
    for poster in posters:
        found = Image.open(BytesIO(poster)).convert("RGB").getpixel((32, 24))
        assert isinstance(found, tuple)
        assert all(abs(one - other) < 16 for one, other in zip(found, (0x20, 0x80, 0xC0), strict=True))
    assert {ref.media_id for ref in success.images} | {one.media_id for one in stills} == keys.keys()
    assert 4 == len(set(keys.values()))


async def test_a_video_plays(nats: NatsServer, tmp_path: Path) -> None:
    """Pictures and sound, as they were."""
    async with bench(nats, tmp_path) as studio:
        plain = await studio.picture(await made(studio, "video"))

    with av.open(BytesIO(plain)) as container:
        assert {"h264", "aac"} == {stream.codec_context.name for stream in container.streams}
        assert 2 == len(list(container.decode(video=0)))


async def test_several_outputs_of_several_files(nats: NatsServer, tmp_path: Path) -> None:
    """All are delivered, in the order of the workflow's outputs; only a video has a poster."""
    async with bench(nats, tmp_path) as studio:
        success = await made(studio, "flac", "pictures", "video", "webp")

    kinds = ["audio/flac", "image/png", "image/png", "video/mp4", "image/webp"]
    assert kinds == [ref.mime for ref in success.images]
    assert [False, False, False, True, False] == [ref.poster is not None for ref in success.images]
    assert 5 == len({ref.media_id for ref in success.images})


async def test_words_beside_a_picture_are_passed_over(nats: NatsServer, tmp_path: Path) -> None:
    """They are no file."""
    async with bench(nats, tmp_path) as studio:
        success = await made(studio, "words", "seen")

    assert ["image/png"] == [ref.mime for ref in success.images]


@pytest.mark.parametrize(
    ("saver", "code", "details"),
    [
        ("numbers", "unknown-output", {"backend": "gpu", "ending": "latent"}),
        ("words", "output-not-media", {"backend": "gpu"}),
    ],
)
async def test_what_can_not_be_delivered_is_said_so(
    nats: NatsServer, tmp_path: Path, saver: str, code: str, details: dict[str, str]
) -> None:
    """Once: another attempt would make the same. Nothing of the file is passed on."""
    async with bench(nats, tmp_path) as studio:
        fact = await failed(studio, saver)

    assert (code, False, details) == (fact.code, fact.retryable, fact.details)


async def test_a_preview_that_was_purged_is_made_again(nats: NatsServer, tmp_path: Path) -> None:
    """ComfyUI would answer from its cache, with the name of a file that is gone."""
    async with bench(nats, tmp_path) as studio:
        await made(studio, "seen")
        for file in (tmp_path / "temp").rglob("*.png"):
            file.unlink()
        success = await made(studio, "seen")

    assert ["image/png"] == [ref.mime for ref in success.images]

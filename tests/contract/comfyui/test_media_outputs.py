"""Animations, videos and sounds: where the history names them, what is in the files, and whose words too."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import av
import pytest

from tests.contract.comfyui.client import Comfy
from tests.contract.comfyui.graphs import Graph, fresh_color, fresh_prefix, node
from tests.contract.comfyui.pictures import decoded, fresh_name

RATE = 44100
VIDEO = {"format": "auto", "codec": "auto"}

needs_sound = pytest.mark.needs_node("EmptyAudio", "LoadAudio")
"""ComfyUI goes without its audio nodes when torchaudio is missing, or was built for another torch."""


def frames(**saver: Any) -> Graph:
    """Three frames of different colours into a saver."""
    graph: Graph = {
        str(number): node("EmptyImage", width=64, height=48, batch_size=1, color=fresh_color())
        for number in (1, 2, 3)
    }
    graph["12"] = node("ImageBatch", image1=["1", 0], image2=["2", 0])
    graph["123"] = node("ImageBatch", image1=["12", 0], image2=["3", 0])
    class_type = saver.pop("class_type")
    graph["save"] = node(class_type, images=["123", 0], filename_prefix=fresh_prefix(), **saver)
    return graph


def silence(**saver: Any) -> Graph:
    """Half a second of silence into a saver."""
    class_type = saver.pop("class_type")
    prefix = {} if class_type == "PreviewAudio" else {"filename_prefix": fresh_prefix()}
    return {
        "1": node("EmptyAudio", duration=0.5, sample_rate=RATE, channels=2),
        "save": node(class_type, audio=["1", 0], **prefix, **saver),
    }


async def saved(comfy: Comfy, graph: Graph) -> tuple[dict[str, Any], bytes]:
    """What the history shows of node ``save``, and the only file that it names."""
    entry = await comfy.run(graph, extra_data={"extra_pnginfo": {"workflow": {"secret": "s"}}})
    assert "success" == entry["status"]["status_str"], entry["status"]["messages"][-1]
    shown = entry["outputs"]["save"]
    [file] = [one for kind, items in shown.items() if kind != "animated" for one in items]
    return shown, await comfy.view(file)


async def test_animated_png(comfy: Comfy) -> None:
    """Under `images` with animated [true]; the prompt is in a chunk of ComfyUI's own, behind the pixels."""
    shown, body = await saved(comfy, frames(class_type="SaveAnimatedPNG", fps=10, compress_level=4))
    picture = decoded(body)

    assert {"images", "animated"} == shown.keys()
    assert [True] == shown["animated"]
    assert ("PNG", 3, (64, 48)) == (picture.format, picture.n_frames, picture.size)
    assert b"comfprompt\0{" in body
    assert body.index(b"IDAT") < body.index(b"comfprompt")


@pytest.mark.parametrize("class_type", ["SaveAnimatedPNG", "SaveAnimatedWEBP"])
async def test_one_frame_does_not_move(comfy: Comfy, class_type: str) -> None:
    """Then there is no `animated` at all."""
    more = {
        "SaveAnimatedPNG": {"compress_level": 4},
        "SaveAnimatedWEBP": {"lossless": True, "quality": 80, "method": "default"},
    }
    graph = frames(class_type=class_type, fps=10, **more[class_type])
    graph["save"]["inputs"]["images"] = ["1", 0]
    shown, _ = await saved(comfy, graph)

    assert {"images"} == shown.keys()


async def test_webm(comfy: Comfy) -> None:
    """VP9 in WebM, under `images` with animated [true], with the prompt in its tags."""
    shown, body = await saved(comfy, frames(class_type="SaveWEBM", codec="vp9", fps=10, crf=32))

    assert {"images", "animated"} == shown.keys()
    with av.open(BytesIO(body)) as container:
        assert "vp9" == container.streams.video[0].codec_context.name
        assert 3 == len(list(container.decode(video=0)))
        assert container.metadata["PROMPT"].startswith('{"')
        assert '{"secret": "s"}' == container.metadata["WORKFLOW"]


@needs_sound
async def test_video_with_sound(comfy: Comfy) -> None:
    """H.264 and AAC in MP4, with the prompt in its tags; the sound is cut to the length of the pictures."""
    graph = frames(class_type="SaveImage") | {
        "sound": node("EmptyAudio", duration=5.0, sample_rate=RATE, channels=2),
        "video": node("CreateVideo", images=["123", 0], fps=10, audio=["sound", 0]),
    }
    graph["save"] = node("SaveVideo", video=["video", 0], filename_prefix=fresh_prefix(), **VIDEO)
    shown, body = await saved(comfy, graph)

    assert [True] == shown["animated"]
    with av.open(BytesIO(body)) as container:
        assert {"video": "h264", "audio": "aac"} == {
            stream.type: stream.codec_context.name for stream in container.streams
        }
        assert (64, 48) == (container.streams.video[0].width, container.streams.video[0].height)
        assert 0.25 < (container.duration or 0) / 1e6 < 0.4
        assert "prompt" in container.metadata


@needs_sound
@pytest.mark.parametrize(
    ("class_type", "more", "codec", "tag"),
    [
        ("SaveAudio", {}, "flac", "prompt"),
        ("SaveAudioMP3", {"quality": "V0"}, "mp3float", "prompt"),
        ("SaveAudioMP3", {"quality": "128k"}, "mp3float", "prompt"),
        ("SaveAudioOpus", {"quality": "96k"}, "opus", "prompt"),
    ],
)
async def test_sound(comfy: Comfy, class_type: str, more: dict[str, str], codec: str, tag: str) -> None:
    """It is under `audio`, of the length asked for, with the prompt in its tags."""
    shown, body = await saved(comfy, silence(class_type=class_type, **more))

    assert {"audio"} == shown.keys()
    assert "output" == shown["audio"][0]["type"]
    with av.open(BytesIO(body)) as container:
        stream = container.streams.audio[0]
        tags = {**container.metadata, **stream.metadata}
        assert codec == stream.codec_context.name
        assert tag in {name.lower() for name in tags}
        heard = list(container.decode(audio=0))
    assert 0.45 < sum(frame.samples for frame in heard) / heard[0].sample_rate < 0.6


@needs_sound
async def test_preview_audio_is_temporary(comfy: Comfy) -> None:
    """PreviewAudio saves FLAC into temp and says so."""
    shown, body = await saved(comfy, silence(class_type="PreviewAudio"))

    assert ("temp", ".flac") == (shown["audio"][0]["type"], shown["audio"][0]["filename"][-5:])
    assert body.startswith(b"fLaC")


@needs_sound
async def test_load_audio(comfy: Comfy) -> None:
    """LoadAudio reads what was uploaded under /upload/image."""
    _, body = await saved(comfy, silence(class_type="SaveAudio"))
    name = fresh_name(".flac")
    await comfy.upload(name, body)
    graph = {
        "1": node("LoadAudio", audio=name),
        "save": node("SaveAudioOpus", audio=["1", 0], filename_prefix=fresh_prefix(), quality="64k"),
    }
    _, again = await saved(comfy, graph)

    assert again.startswith(b"OggS")


@needs_sound
async def test_load_audio_of_nothing(comfy: Comfy) -> None:
    """A file that is not there is refused with the prompt."""
    graph = {
        "1": node("LoadAudio", audio="none-such.flac"),
        "2": node("PreviewAudio", audio=["1", 0]),
    }
    status, body = await comfy.post_prompt(graph, client_id="c")

    assert 400 == status
    assert "Invalid audio file: none-such.flac" in body["node_errors"]["1"]["errors"][0]["details"]


async def test_latents_are_files_too(comfy: Comfy) -> None:
    """SaveLatent's file is under `latents`, and has the prompt in its header."""
    graph = {
        "1": node("EmptyLatentImage", width=64, height=48, batch_size=1),
        "save": node("SaveLatent", samples=["1", 0], filename_prefix=fresh_prefix()),
    }
    shown, body = await saved(comfy, graph)

    assert {"latents"} == shown.keys()
    assert b"latent_tensor" in body
    assert b'"prompt"' in body

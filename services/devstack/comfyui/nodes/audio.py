"""Audio nodes: silence or a file in, FLAC, MP3 or Opus out, with the prompt in its tags as ComfyUI does."""

from __future__ import annotations

import asyncio
import hashlib
import json
import mimetypes
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from services.devstack.comfyui.installation import Installation
from services.devstack.comfyui.values import Sound

from .inputs import choice, integer, link, listed, number, text
from .job import NodeJob
from .sound_file import SoundFormat, decoded, encoded
from .spec import Input, Node, NodeResult, RunNode

_SAMPLE_BYTES = 4
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


async def _empty(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    rate, channels = given["sample_rate"], given["channels"]
    samples = bytes(round(given["duration"] * rate) * channels * _SAMPLE_BYTES)
    return NodeResult(outputs=(Sound(samples=samples, rate=rate, channels=channels),))


async def _load(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=(await asyncio.to_thread(decoded, job.here.folders.annotated(given["audio"])),))


def _saver(format_: SoundFormat) -> RunNode:
    async def save(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
        body = await asyncio.to_thread(encoded, given["audio"], format_, given.get("quality", ""), _tags(job))
        return await asyncio.to_thread(_saved, job, body, given["filename_prefix"], "output", format_)

    return save


async def _preview(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    prefix = "ComfyUI_temp_" + "".join(secrets.choice(_LETTERS) for _ in range(5))
    body = await asyncio.to_thread(encoded, given["audio"], "flac", "", _tags(job))
    return await asyncio.to_thread(_saved, job, body, prefix, "temp", "flac")


def _tags(job: NodeJob) -> dict[str, str]:
    return {key: json.dumps(value) for key, value in job.metadata().items()}


def _saved(job: NodeJob, body: bytes, prefix: str, kind: str, ending: str) -> NodeResult:
    folders = job.here.folders
    target = folders.save_target(prefix, folders.base / kind, width=0, height=0)
    name = f"{target.stem.replace('%batch_num%', '0')}_{target.counter:05}_.{ending}"
    (target.folder / name).write_bytes(body)
    return NodeResult(shown={"audio": [{"filename": name, "subfolder": target.subfolder, "type": kind}]})


def _input_sounds(here: Installation) -> list[str]:
    folder = here.folders.base / "input"
    kinds = {"audio", "video"}
    return sorted(
        one.name
        for one in folder.iterdir()
        if (mimetypes.guess_type(one.name)[0] or "").split("/")[0] in kinds
    )


def _content_digest(here: Installation, given: Mapping[str, Any]) -> str:
    return hashlib.sha256(here.folders.annotated(given["audio"]).read_bytes()).hexdigest()


def _missing(here: Installation, name: Any) -> str | None:
    return None if here.folders.annotated(name).exists() else f"Invalid audio file: {name}"


_SOUND = link("audio", "AUDIO")
_PREFIX = text("filename_prefix", default="audio/ComfyUI", multiline=False)
_DURATION = "Duration of the empty audio clip in seconds"
_MP3_QUALITIES = ("V0", "128k", "320k")
_OPUS_QUALITIES = ("64k", "96k", "128k", "192k", "320k")


def _audio(name: str, title: str, run: RunNode, *inputs: Input, is_output: bool = True) -> Node:
    return Node(
        name=name,
        display_name=title,
        category="audio",
        module="comfy_extras.nodes_audio",
        modern=True,
        run=run,
        is_output=is_output,
        inputs=inputs,
        outputs=() if is_output else ("AUDIO",),
        hidden=("prompt", "extra_pnginfo") if is_output else (),
    )


AUDIO = (
    _audio(
        "EmptyAudio",
        "Empty Audio",
        _empty,
        number("duration", 60.0, 0.0, 0xFFFFFFFFFFFFFFFF, step=0.01, tooltip=_DURATION),
        integer("sample_rate", 44100, 1, 192000, tooltip="Sample rate of the empty audio clip."),
        integer("channels", 2, 1, 2, tooltip="Number of audio channels (1 for mono, 2 for stereo)."),
        is_output=False,
    ),
    msgspec.structs.replace(
        _audio(
            "LoadAudio",
            "Load Audio",
            _load,
            listed("audio", _input_sounds, audio_upload=True),
            is_output=False,
        ),
        fingerprint=_content_digest,
        checks={"audio": _missing},
    ),
    _audio("SaveAudio", "Save Audio (FLAC)", _saver("flac"), _SOUND, _PREFIX),
    _audio(
        "SaveAudioMP3",
        "Save Audio (MP3)",
        _saver("mp3"),
        _SOUND,
        _PREFIX,
        choice("quality", _MP3_QUALITIES, default="V0"),
    ),
    _audio(
        "SaveAudioOpus",
        "Save Audio (Opus)",
        _saver("opus"),
        _SOUND,
        _PREFIX,
        choice("quality", _OPUS_QUALITIES, default="128k"),
    ),
    _audio("PreviewAudio", "Preview Audio", _preview, _SOUND),
)

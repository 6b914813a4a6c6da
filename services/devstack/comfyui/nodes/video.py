"""Video nodes: frames to a real MP4 or WebM, with the prompt in its tags as ComfyUI does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from services.devstack.comfyui.values import Frames, Video

from .inputs import choice, link, number, text
from .job import NodeJob
from .spec import Node, NodeResult
from .video_file import WEBM_CODECS, write_mp4, write_webm


async def _create(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    video = Video(frames=given["images"], fps=given["fps"], sound=given.get("audio"))
    return NodeResult(outputs=(video,))


async def _save(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    files = await asyncio.to_thread(_save_mp4, job, given["video"], given["filename_prefix"])
    return NodeResult(shown={"images": files, "animated": [True]})


async def _save_webm(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    files = await asyncio.to_thread(_written_webm, job, given)
    return NodeResult(shown={"images": files, "animated": [True]})


def _written_webm(job: NodeJob, given: Mapping[str, Any]) -> list[dict[str, str]]:
    frames: Frames = given["images"]
    width, height = frames[0].size
    folders = job.here.folders
    target = folders.save_target(
        given["filename_prefix"], folders.base / "output", width=width, height=height
    )
    name = f"{target.stem}_{target.counter:05}_.webm"
    tags = {key: json.dumps(value) for key, value in job.metadata().items()}
    write_webm(
        target.folder / name, Video(frames=frames, fps=given["fps"]), given["codec"], given["crf"], tags
    )
    return [{"filename": name, "subfolder": target.subfolder, "type": "output"}]


def _save_mp4(job: NodeJob, video: Video, prefix: str) -> list[dict[str, str]]:
    width, height = video.frames[0].size
    folders = job.here.folders
    target = folders.save_target(prefix, folders.base / "output", width=width, height=height)
    name = f"{target.stem}_{target.counter:05}_.mp4"
    tags = {key: json.dumps(value) for key, value in job.metadata().items()}
    write_mp4(target.folder / name, video, tags)
    return [{"filename": name, "subfolder": target.subfolder, "type": "output"}]


_CRF_TOOLTIP = (
    "Higher crf means lower quality with a smaller file size, lower crf means higher quality higher filesize."
)
_SAVE_TOOLTIP = "The prefix for the file to save."

VIDEO = (
    Node(
        name="CreateVideo",
        display_name="Create Video",
        category="image/video",
        description="Create a video from images.",
        module="comfy_extras.nodes_video",
        modern=True,
        run=_create,
        inputs=(
            link("images", "IMAGE", tooltip="The images to create a video from."),
            number("fps", 30.0, 1.0, 120.0, step=1.0),
            link("audio", "AUDIO", required=False, tooltip="The audio to add to the video."),
        ),
        outputs=("VIDEO",),
    ),
    Node(
        name="SaveVideo",
        display_name="Save Video",
        category="image/video",
        description="Saves the input images to your ComfyUI output directory.",
        module="comfy_extras.nodes_video",
        modern=True,
        run=_save,
        is_output=True,
        inputs=(
            link("video", "VIDEO", tooltip="The video to save."),
            text("filename_prefix", default="video/ComfyUI", multiline=False, tooltip=_SAVE_TOOLTIP),
            choice("format", ("auto", "mp4"), default="auto", tooltip="The format to save the video as."),
            choice("codec", ("auto", "h264"), default="auto", tooltip="The codec to use for the video."),
        ),
        hidden=("prompt", "extra_pnginfo"),
    ),
    Node(
        name="SaveWEBM",
        category="image/video",
        module="comfy_extras.nodes_video",
        modern=True,
        experimental=True,
        run=_save_webm,
        is_output=True,
        inputs=(
            link("images", "IMAGE"),
            text("filename_prefix", default="ComfyUI", multiline=False),
            choice("codec", tuple(WEBM_CODECS)),
            number("fps", 24.0, 0.01, 1000.0, step=0.01),
            number("crf", 32.0, 0, 63.0, step=1, tooltip=_CRF_TOOLTIP),
        ),
        hidden=("prompt", "extra_pnginfo"),
    ),
)

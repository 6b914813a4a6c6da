"""Video nodes: frames to a real H.264 MP4, with the prompt in its tags as ComfyUI does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av

from services.devstack.comfyui.values import Video

from .inputs import choice, link, number, text
from .job import NodeJob
from .spec import Node, NodeResult


async def _create(_: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    return NodeResult(outputs=(Video(frames=given["images"], fps=given["fps"]),))


async def _save(job: NodeJob, given: Mapping[str, Any]) -> NodeResult:
    files = await asyncio.to_thread(_save_mp4, job, given["video"], given["filename_prefix"])
    return NodeResult(shown={"images": files, "animated": [True]})


def _save_mp4(job: NodeJob, video: Video, prefix: str) -> list[dict[str, str]]:
    width, height = video.frames[0].size
    folders = job.here.folders
    target = folders.save_target(prefix, folders.base / "output", width=width, height=height)
    name = f"{target.stem}_{target.counter:05}_.mp4"
    tags = {key: json.dumps(value) for key, value in job.metadata().items()}
    write_mp4(target.folder / name, video, tags)
    return [{"filename": name, "subfolder": target.subfolder, "type": "output"}]


def write_mp4(path: Path, video: Video, tags: Mapping[str, str]) -> None:
    """
    Encode *video* as H.264 in MP4.

    Raises:
        av.error.FFmpegError: The encoder refused, as it does for an odd width or height.
    """
    width, height = video.frames[0].size
    with av.open(path, mode="w", options={"movflags": "use_metadata_tags"}) as output:
        output.metadata.update(tags)
        rate = Fraction(round(video.fps * 1000), 1000)
        stream = output.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuv420p"
        for picture in video.frames:
            frame = cast("av.VideoFrame", av.VideoFrame.from_image(picture))  # not annotated there
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


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
)

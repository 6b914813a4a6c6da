"""Runs that need model weights: steps, previews, edits, video."""

from __future__ import annotations

import json
import struct
import uuid
from io import BytesIO

import av
import pytest

from tests.contract.comfyui.client import Comfy, eventually
from tests.contract.comfyui.graphs import FLUX_FILES, QWEN_FILES, WAN_FILES, flux, qwen_edit, wan
from tests.contract.comfyui.pictures import decoded, encoded, fresh_name, quarters

needs_flux = pytest.mark.needs_model(*FLUX_FILES)
needs_qwen = pytest.mark.needs_model(*QWEN_FILES)
needs_wan = pytest.mark.needs_model(*WAN_FILES)


@needs_flux
async def test_text_to_picture(comfy: Comfy) -> None:
    """A picture of the size asked for comes back."""
    entry = await comfy.run(flux("an astronaut in a field", width=320, height=256))
    picture = decoded(await comfy.view(entry["outputs"]["save"]["images"][0]))
    assert ("PNG", (320, 256)) == (picture.format, picture.size)


@needs_flux
async def test_progress_counts_steps(comfy: Comfy) -> None:
    """Sampling tells `progress` once per step, each after the state of all nodes."""
    mine = uuid.uuid4().hex
    async with comfy.listening(mine) as ears:
        prompt_id = await comfy.submit(flux("steps"), client_id=mine)
        await eventually(lambda: ears.has_ended(prompt_id))
    told = ears.of(prompt_id)
    steps = [data for kind, data in told if kind == "progress"]
    assert [(1, 4), (2, 4), (3, 4), (4, 4)] == [(step["value"], step["max"]) for step in steps]
    assert {"sample"} == {step["node"] for step in steps}
    before = [told[index - 1] for index, (kind, _) in enumerate(told) if kind == "progress"]
    assert {"progress_state"} == {kind for kind, _ in before}
    assert 2 == before[1][1]["nodes"]["sample"]["value"]
    assert [] == ears.frames


@needs_flux
async def test_plain_previews(comfy: Comfy) -> None:
    """With a preview_method each step brings a binary frame: event 1, format, picture."""
    mine = uuid.uuid4().hex
    async with comfy.listening(mine) as ears:
        prompt_id = await comfy.submit(
            flux("preview"), client_id=mine, extra_data={"preview_method": "latent2rgb"}
        )
        await eventually(lambda: ears.has_ended(prompt_id))
    assert 4 == len(ears.frames)
    assert (1, 1) == struct.unpack(">II", ears.frames[0][:8])
    assert "JPEG" == decoded(ears.frames[0][8:]).format


@needs_flux
async def test_previews_with_metadata(comfy: Comfy) -> None:
    """A client that asked for it gets event 4 instead: length, JSON about node and prompt, picture."""
    mine = uuid.uuid4().hex
    async with comfy.listening(mine) as ears:
        await ears.socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        await eventually(lambda: any(kind == "feature_flags" for kind, _ in ears.events))
        prompt_id = await comfy.submit(
            flux("preview"), client_id=mine, extra_data={"preview_method": "latent2rgb"}
        )
        await eventually(lambda: ears.has_ended(prompt_id))
    event, length = struct.unpack(">II", ears.frames[0][:8])
    about = json.loads(ears.frames[0][8 : 8 + length])
    assert (4, {4}) == (event, {struct.unpack(">I", frame[:4])[0] for frame in ears.frames})
    assert ("sample", prompt_id, "image/jpeg") == (about["node_id"], about["prompt_id"], about["image_type"])
    assert {"display_node_id", "parent_node_id", "real_node_id"} <= set(about)
    assert "JPEG" == decoded(ears.frames[0][8 + length :]).format


@needs_flux
async def test_interrupted_while_sampling(comfy: Comfy) -> None:
    """A sampler stops at its next step."""
    mine = uuid.uuid4().hex
    async with comfy.listening(mine) as ears:
        prompt_id = await comfy.submit(flux("stop me", steps=1000), client_id=mine)
        await eventually(lambda: "progress" in ears.kinds(prompt_id))
        await comfy.interrupt(prompt_id)
    kind, data = (await comfy.entry(prompt_id))["status"]["messages"][-1]
    assert ("execution_interrupted", "KSampler") == (kind, data["node_type"])


@needs_flux
async def test_same_seed_is_not_rendered_again(comfy: Comfy) -> None:
    """The same seed is served from the cache; another one is rendered, its loaders are not."""
    graph = flux("seeds", seed=7)
    other = flux("seeds", seed=8)
    other["save"] = graph["save"]
    ids = [await comfy.submit(one) for one in (graph, graph, other)]
    entries = [await comfy.entry(prompt_id) for prompt_id in ids]
    cached = [set(dict(one["status"]["messages"])["execution_cached"]["nodes"]) for one in entries]
    assert set(graph) == cached[1]
    assert set(graph) - {"sample", "decode", "save"} == cached[2]


@needs_qwen
async def test_edit_has_the_shape_of_its_input(comfy: Comfy) -> None:
    """An edit comes back at about one megapixel, in the shape nearest to the input's."""
    name = fresh_name()
    await comfy.upload(name, encoded(quarters((300, 200))))
    entry = await comfy.run(qwen_edit("make it night", name))
    assert (1248, 832) == decoded(await comfy.view(entry["outputs"]["save"]["images"][0])).size


@needs_wan
async def test_video(comfy: Comfy) -> None:
    """A video is an H.264 MP4 under `images`; its length is cut to one more than a multiple of 4."""
    prompt_id = await comfy.submit(wan("waves", frames=18))
    shown = (await comfy.entry(prompt_id))["outputs"]["save"]
    assert [True] == shown["animated"]
    [file] = shown["images"]
    assert file["filename"].endswith("_00001_.mp4")
    with av.open(BytesIO(await comfy.view(file))) as movie:
        stream = movie.streams.video[0]
        assert ("h264", 16, (128, 96)) == (
            stream.codec_context.name,
            stream.average_rate,
            (stream.width, stream.height),
        )
        assert "waves" in movie.metadata["prompt"]
        assert 17 == sum(1 for _ in movie.decode(stream))


@needs_wan
async def test_two_samplers_count_for_themselves(comfy: Comfy) -> None:
    """Each half of a two-model run counts its own steps."""
    mine = uuid.uuid4().hex
    async with comfy.listening(mine) as ears:
        prompt_id = await comfy.submit(wan("halves", frames=5), client_id=mine)
        await eventually(lambda: ears.has_ended(prompt_id))
    steps = [
        (data["node"], data["value"], data["max"]) for kind, data in ears.of(prompt_id) if kind == "progress"
    ]
    assert [("first", 1, 2), ("first", 2, 2), ("second", 1, 2), ("second", 2, 2)] == steps

"""The purge, seen in the folders of a simulated ComfyUI."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from services.tunnel.host.folders import Folders
from tests.integration.tunnel.host.prompts import files, png, queued, rendered, upload
from tests.integration.tunnel.host.running import DIGEST, INPUT, PROMPT, house, house_of_simulator


async def test_nothing_is_left(tmp_path: Path) -> None:
    """Outputs, previews, input and history of a prompt are gone; the owner's own files stay."""
    async with house_of_simulator(tmp_path) as (one, _):
        base = tmp_path / "comfyui"
        for mine in ("input/mine.png", "output/mine_00001_.png", "output/darkroom-notes.txt"):
            (base / mine).write_bytes(png())
        await upload(one)
        await rendered(one)
        assert 6 == len(files(tmp_path))
        one.clock.now += 60

        assert (200, {"files": 2, "inputs": 1, "history": True, "kept": 0}) == await one.purge(PROMPT, INPUT)
        assert ["input/mine.png", "output/darkroom-notes.txt", "output/mine_00001_.png"] == files(tmp_path)
        async with one.client.get("/history") as history:
            assert {} == await history.json()
        assert (200, {"files": 0, "inputs": 0, "history": False, "kept": 0}) == await one.purge(PROMPT, INPUT)


async def test_files_without_a_history(tmp_path: Path) -> None:
    """After a restart ComfyUI remembers nothing: files are found by their names, in every sub-folder."""
    async with house_of_simulator(tmp_path) as (one, _):
        base = tmp_path / "comfyui"
        (base / "output" / "video" / "deep").mkdir(parents=True)
        for place in (f"output/video/deep/darkroom-{PROMPT}_00001.mp4", f"temp/darkroom-{PROMPT}.png"):
            (base / place).parent.mkdir(parents=True, exist_ok=True)
            (base / place).touch()
        other = f"output/darkroom-{uuid4()}_00001_.png"
        (base / other).touch()

        assert (200, {"files": 2, "inputs": 0, "history": False, "kept": 0}) == await one.purge()
        assert [other] == files(tmp_path)


async def test_not_while_it_runs(tmp_path: Path) -> None:
    """A prompt that runs or waits is not purged: 409, and nothing is deleted."""
    async with house_of_simulator(tmp_path, step_s=30.0) as (one, _):
        (tmp_path / "comfyui" / "output" / f"darkroom-{PROMPT}_00001_.png").touch()
        for prompt in (uuid4(), PROMPT):
            await queued(one, prompt)

        status, said = await one.purge()
        assert (409, "prompt-busy") == (status, said["code"])
        assert 1 == len(files(tmp_path))


async def test_an_input_that_others_need(tmp_path: Path) -> None:
    """An input that a waiting prompt names is kept, and goes with the sweep once nothing names it."""
    async with house_of_simulator(tmp_path, step_s=30.0) as (one, _):
        await upload(one)
        await rendered(one)
        other = uuid4()
        await queued(one, uuid4(), "nothing")
        await queued(one, other)
        one.clock.now += 61

        assert (200, {"files": 2, "inputs": 0, "history": True, "kept": 1}) == await one.purge(PROMPT, INPUT)
        assert [f"input/{INPUT}"] == files(tmp_path)
        assert 0 == await one.sweep.once()
        await one.client.post("/queue", json={"delete": [str(other)]})
        assert 1 == await one.sweep.once()
        assert [] == files(tmp_path)


async def test_an_input_that_was_just_asked_for(tmp_path: Path) -> None:
    """One that was sent or looked for a moment ago may be meant for the next job: it is kept for a while."""
    async with house_of_simulator(tmp_path) as (one, _):
        await upload(one)
        await rendered(one)
        one.clock.now += 59
        async with one.client.head(f"/view?filename={INPUT}&type=input") as answer:
            assert 200 == answer.status
        one.clock.now += 59

        assert (200, {"files": 2, "inputs": 0, "history": True, "kept": 1}) == await one.purge(PROMPT, INPUT)
        assert 0 == await one.sweep.once()
        one.clock.now += 1
        assert 1 == await one.sweep.once()
        assert [] == files(tmp_path)


async def test_a_history_can_not_name_the_owners_files(tmp_path: Path) -> None:
    """What a history entry names goes only if it is no older than the prompt, and inputs never go by it."""
    async with house_of_simulator(tmp_path) as (one, simulator):
        base = tmp_path / "comfyui"
        for mine in ("output/mine.png", "input/mine.png", "temp/new.png"):
            (base / mine).write_bytes(png())
        os.utime(base / "output/mine.png", (1e9, 1e9))
        await upload(one)
        await rendered(one)
        entry = simulator._core.history.one(str(PROMPT))[str(PROMPT)]
        entry["outputs"]["9"] = {
            "images": [
                {"filename": "mine.png", "subfolder": "", "type": "output"},
                {"filename": "mine.png", "subfolder": "", "type": "input"},
                {"filename": "../input/mine.png", "subfolder": "..", "type": "output"},
                {"filename": "mine.png", "subfolder": "../input", "type": "output"},
                {"filename": str(base / "input" / "mine.png"), "subfolder": "/", "type": "temp"},
            ]
        }

        status, _ = await one.purge()
        assert 200 == status
        assert {"input/mine.png", "output/mine.png"} <= set(files(tmp_path))


async def test_links_lead_nowhere(tmp_path: Path) -> None:
    """A link by a prompt's name, planted in the output folder, costs nobody a file."""
    async with house_of_simulator(tmp_path) as (one, _):
        precious = tmp_path / f"darkroom-{PROMPT}_00001_.png"
        precious.write_text("mine")
        (tmp_path / "comfyui" / "output" / precious.name).symlink_to(precious)
        (tmp_path / "comfyui" / "output" / "away").symlink_to(tmp_path, target_is_directory=True)

        assert (200, {"files": 0, "inputs": 0, "history": False, "kept": 0}) == await one.purge()
        assert "mine" == precious.read_text()


async def test_without_folders_only_the_history(tmp_path: Path) -> None:
    """Where nobody said where the files are, the history is purged and no file touched."""
    async with house_of_simulator(tmp_path) as (one, simulator):
        await upload(one)
        await rendered(one)
        before = files(tmp_path)
        (tmp_path / "second").mkdir()
        async with house(simulator.url, tmp_path / "second") as blind:
            assert (200, {"files": 0, "inputs": 0, "history": True, "kept": 0}) == await blind.purge(
                PROMPT, INPUT
            )
        assert before == files(tmp_path)


async def test_what_nobody_came_back_for(tmp_path: Path) -> None:
    """The sweep deletes what is older than the retention, and its history; younger files and others' stay."""
    async with house_of_simulator(tmp_path) as (one, _):
        await upload(one)
        await rendered(one)
        base = tmp_path / "comfyui"
        (base / "output" / "mine.png").write_bytes(png())
        (base / "output" / f"darkroom-{uuid4()}_00001_.png").touch()
        young = [name for name in files(tmp_path) if "mine" not in name]
        assert 0 == await one.sweep.once()
        assert len(young) + 1 == len(files(tmp_path))
        for name in files(tmp_path):
            os.utime(base / name, (1e9, 1e9))
        one.clock.now += 61

        assert 3 == await one.sweep.once()
        left = files(tmp_path)
        assert ["output/mine.png"] == [name for name in left if not name.startswith("temp/")]
        async with one.client.get("/history") as history:
            assert {} == await history.json()


async def test_a_history_without_files_goes_too(tmp_path: Path) -> None:
    """A prompt that made nothing leaves words in the history: they go when nobody asks for it any more."""
    async with house_of_simulator(tmp_path) as (one, simulator):
        await upload(one)
        await rendered(one)
        for name in files(tmp_path):
            (tmp_path / "comfyui" / name).unlink()
        await one.sweep.once()
        assert simulator._core.history.one(str(PROMPT))
        one.clock.now += 3600
        await one.sweep.once()

        assert not simulator._core.history.one(str(PROMPT))


async def test_a_waiting_prompts_files_are_not_swept(tmp_path: Path) -> None:
    """However old: what a running or waiting prompt has, or refers to, stays."""
    async with house_of_simulator(tmp_path, step_s=30.0) as (one, _):
        await upload(one)
        await queued(one, PROMPT)
        base = tmp_path / "comfyui"
        (base / "output" / f"darkroom-{PROMPT}_00001_.png").touch()
        for name in files(tmp_path):
            os.utime(base / name, (1e9, 1e9))
        one.clock.now += 7200

        assert 0 == await one.sweep.once()
        assert 2 == len(files(tmp_path))


async def test_a_comfyui_that_is_off_keeps_nothing(tmp_path: Path) -> None:
    """Nothing waits in a ComfyUI that is off: files are purged and swept all the same."""
    async with house_of_simulator(tmp_path) as (one, simulator):
        pass
    folder = tmp_path / "comfyui"
    (folder / "input" / INPUT).touch()
    (folder / "output" / f"darkroom-{PROMPT}_00001_.png").touch()
    places = Folders.checked(input=folder / "input", output=folder / "output", temp=folder / "temp")
    async with house(simulator.url, tmp_path / "again", places) as one:
        assert (200, {"files": 1, "inputs": 1, "history": False, "kept": 0}) == await one.purge(PROMPT, INPUT)
        assert 0 == await one.sweep.once()
    assert DIGEST not in str(files(tmp_path))

"""``darkroom up`` as a person runs it: the whole stack, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.devstack import run_record
from services.devstack.ports import free_port
from services.devstack.process import is_alive

START_S = 90.0
FAST = {"DARKROOM_SIMULATOR_ARGS": "--step-s 0.01"}


@pytest.fixture
def home() -> Generator[Path]:
    """A data directory that Postgres's own user can get to when we are root."""
    with tempfile.TemporaryDirectory(prefix="darkroom-") as name:
        yield Path(name)


def darkroom(
    home: Path, *arguments: str, step_s: str = "0.01", **environ: str
) -> subprocess.CompletedProcess[str]:
    """One command on *home*, to its end; *step_s* is how long the simulator takes for a step."""
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments, "--data", str(home)],
        capture_output=True,
        text=True,
        timeout=START_S,
        env=os.environ | {"DARKROOM_SIMULATOR_ARGS": f"--step-s {step_s}"} | environ,
        check=False,
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The last thing that was said on standard error and is no report of a program."""
    return [line for line in done.stderr.splitlines() if line and not line.startswith("  ")][-1]


@contextmanager
def up(home: Path, *arguments: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """``up`` on *home* while the block runs, and the first line that it printed."""
    command = [sys.executable, "-m", "services.cli", "up", *arguments, "--data", str(home)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | FAST
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.kill()


def is_anything_left(record: run_record.RunRecord) -> bool:
    """Whether a process of a run is still there, ten seconds after it should be gone."""
    deadline = time.monotonic() + 10
    while any(is_alive(it.pid, it.created_at) for it in record.processes.values()):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -9)])
def test_up_says_one_line_and_leaves_nothing(home: Path, number: signal.Signals, code: int) -> None:
    """It prints where to click, and whether asked to end or killed outright, no process is left."""
    port = free_port()
    with up(home, "--port", str(port)) as (process, line):
        record = run_record.running(home)
        process.send_signal(number)
        rest, _ = process.communicate(timeout=60)

    assert f"Darkroom is up: http://127.0.0.1:{port}\n" == line
    assert ("", code) == (rest, process.returncode)
    assert record is not None
    assert {"postgres", "nats", "simulator", "orchestrator", "tunnel", "renderer", "ingress-web"} == set(
        record.processes
    )
    assert not is_anything_left(record)


def test_running_stack_is_used_and_not_started_twice(home: Path) -> None:
    """A second ``up`` says who is there; ``--once``, ``doctor`` and ``replay`` use what runs."""
    port = free_port()
    with up(home, "--port", str(port)) as (process, _):
        second = darkroom(home, "up", "--port", str(free_port()))
        elsewhere = darkroom(home / "other", "up", "--port", str(port))
        picture = darkroom(home, "up", "--once", "/f a goose", "--out", str(home / "a.png"), "--json")
        refused = darkroom(home, "up", "--once", "/f", "--out", str(home / "b.png"))
        backend = darkroom(home, "up", "--once", "/f a goose", "--comfyui", "gpu=http://127.0.0.1:1")
        nowhere = darkroom(home, "up", "--once", "/f a goose", "--out", "nowhere/a.png", "--json")
        doctor = darkroom(home, "doctor", "--json")
        replay = darkroom(home, "replay", "--json")
        pid = process.pid

    assert 1 == second.returncode
    assert re.search(rf"already runs on .*:{port} \(process {pid}\)", second.stderr)
    assert 1 == elsewhere.returncode
    assert (
        f"Port {port} on 127.0.0.1 is taken by another program. Choose another with --port."
        in elsewhere.stderr
    )
    assert (0, 0.0) == (picture.returncode, json.loads(picture.stdout)["seconds"]["start-up"])
    assert b"\x89PNG" == (home / "a.png").read_bytes()[:4]
    assert (1, False) == (refused.returncode, (home / "b.png").exists())
    assert "/f an astronaut" in refused.stderr
    assert 1 == backend.returncode
    assert re.search(rf"with other backends: simulator=http.* kill {pid}", backend.stderr)
    assert (1, False) == (nowhere.returncode, json.loads(nowhere.stdout)["ok"])
    assert (0, True) == (doctor.returncode, json.loads(doctor.stdout)["ok"])
    assert (0, True) == (replay.returncode, json.loads(replay.stdout)["ok"])


def test_once_brings_its_own_stack_and_takes_it_away(home: Path) -> None:
    """With nothing running it starts everything, saves the picture, tells the time and leaves no process."""
    late = darkroom(
        home,
        "up",
        "--once",
        "/f a goose --steps 10",
        "--out",
        str(home / "a.png"),
        "--timeout",
        "1",
        step_s="1",
    )
    done = darkroom(home, "up", "--once", "/f a goose -n 2", "--out", str(home / "a.png"))

    assert (2, "No picture after 1 s.") == (late.returncode, sentence(late))
    assert 0 == done.returncode, done.stderr
    assert "  Rendering…\n" in done.stderr  # no terminal: a line for each step
    assert re.fullmatch(
        r"Saved .*a\.png, .*a-2\.png \([\d,]+ bytes\) after [\d.]+ s:\n"
        r"  start-up +[\d.]+ s\n  queued +[\d.]+ s\n  preparing +[\d.]+ s\n"
        r"  rendering +[\d.]+ s\n  delivering +[\d.]+ s\n",
        done.stdout,
    )
    assert [b"\x89PNG"] * 2 == [(home / name).read_bytes()[:4] for name in ("a.png", "a-2.png")]
    assert run_record.read(home) is None
    assert (0, True) == (
        (replay := darkroom(home, "replay", "--json")).returncode,
        json.loads(replay.stdout)["ok"],
    )


def test_wrong_setting_ends_up_with_its_sentence(home: Path) -> None:
    """A service that refuses its settings ends ``up``; its sentence is what is read last."""
    done = darkroom(home, "up", "--port", str(free_port()), LOG_LEVEL="silly")

    assert (1, "") == (done.returncode, done.stdout)
    assert ": LOG_LEVEL is 'silly'. Set one of" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "environ", "words"),
    [
        (("--comfyui", "far=http://192.0.2.1:8188"), {}, "Backend 'far': 192.0.2.1 is not on this machine"),
        ((), {"DARKROOM_KEY_FILE": "/nowhere"}, "The key file /nowhere can't be read"),
        ((), {"NATS_URL": "nonsense"}, "NATS_URL is no address of a NATS"),
        # Not silently the embedded ones.
        ((), {"DATABASE_URL_FILE": "/nowhere"}, "DATABASE_URL_FILE names /nowhere"),
        ((), {"NATS_URL_FILE": "/nowhere"}, "NATS_URL_FILE names /nowhere"),
    ],
)
def test_nothing_is_started_with_a_wrong_setting(
    home: Path, arguments: tuple[str, ...], environ: dict[str, str], words: str
) -> None:
    """What can be seen beforehand is said at once, in the same words on both outputs."""
    done = darkroom(home, "up", "--port", str(free_port()), "--json", *arguments, **environ)

    assert 1 == done.returncode
    assert words in json.loads(done.stdout)["error"]
    assert "starting" not in done.stderr


def test_empty_folder_name_is_no_folder(tmp_path: Path) -> None:
    """`--data "$UNSET"` does not make the current folder the data directory."""
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "replay", "--data", ""],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        cwd=tmp_path,
        timeout=START_S,
        check=False,
    )

    assert (2, []) == (done.returncode, list(tmp_path.iterdir()))
    assert "Name a folder" in done.stderr


def test_replay_without_a_log_could_not_tell(home: Path) -> None:
    """Where nothing was ever logged there is nothing to compare."""
    done = darkroom(home, "replay")

    assert 2 == done.returncode
    assert "There is no event log" in done.stderr

"""The ``dev`` script, on a Python that only pretends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

DEV = Path(__file__).parents[2] / "dev"
# Is new enough, makes an environment of itself, and takes for ever to install anything.
SLOW_PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) echo True ;;
    -V) echo Python 3.99 ;;
    "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo "$3" >"$3/pyvenv.cfg" ;;
    *"pip "*) echo $$ >"{pid}" && sleep 600 ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in a folder with a space in its name."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    shutil.copy(DEV, folder / "dev")
    for name in ("requirements.lock", "pyproject.toml"):
        (folder / name).touch()
    return folder


def dev(clone: Path, *arguments: str, python: str) -> subprocess.Popen[str]:
    """The script, started from another folder, in a session of its own as from a terminal of its own."""
    return subprocess.Popen(
        [clone / "dev", *arguments],
        env=os.environ | {"PYTHON": python},
        cwd="/",
        text=True,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/true", "/bin/false"])
def test_what_is_no_python_is_refused(clone: Path, python: str) -> None:
    """And an environment that is there already stays as it is."""
    (clone / ".venv").mkdir()
    process = dev(clone, "up", python=python)
    _, said = process.communicate(timeout=30)

    assert 1 == process.returncode
    assert f"PYTHON={python} is not Python 3.11 or newer." in said
    assert (clone / ".venv").is_dir()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_while_installing_it_leaves_nothing(
    clone: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """It ends at once, says that nothing is lost, and so does what it had started."""
    python, pid = tmp_path / "python", tmp_path / "pid"
    python.write_text(SLOW_PYTHON.format(pid=pid))
    python.chmod(0o755)
    process = dev(clone, "up", python=str(python))
    deadline = time.monotonic() + 30
    while not pid.exists() or not pid.read_text():
        assert time.monotonic() < deadline
        assert process.poll() is None
    installing = psutil.Process(int(pid.read_text()))
    started = [installing, *installing.children(recursive=True)]
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    _, left = psutil.wait_procs(started, timeout=5)

    assert 130 == process.returncode
    assert said.endswith("dev: stopped while installing; the next ./dev goes on from here\n")
    assert [] == left


def test_command_that_is_not_there_is_told(clone: Path) -> None:
    """With those that are."""
    process = dev(clone, "upp", python="")
    _, said = process.communicate(timeout=30)

    assert 1 == process.returncode
    assert said.startswith("usage: ./dev COMMAND")
    assert said.endswith("dev: there is no command 'upp'.\n")

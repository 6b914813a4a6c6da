"""The first moments of the program."""

from __future__ import annotations

import signal
import subprocess
import sys

# Ctrl-C arrives while the commands are being imported, as it does to whoever changes their mind at once.
_INTERRUPTED = """
import importlib.abc, os, signal, sys

class Interrupting(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "services.cli.commands":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from services.cli.__main__ import main
main()
"""


def test_interrupted_before_anything_began() -> None:
    """It just ends: there is nothing to stop, and a traceback would tell nobody anything."""
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED], capture_output=True, text=True, timeout=60, check=False
    )

    assert (-signal.SIGINT, "", "") == (done.returncode, done.stdout, done.stderr)

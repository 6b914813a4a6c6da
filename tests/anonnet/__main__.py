"""
``python -m tests.anonnet anon``: a network by hand, until Ctrl-C.

With ``ANONNET_SHARED=/tmp/a-folder`` in the environment of this and of pytest, the tests use it instead of
their own.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import cast

from tests.anonnet.binaries import Program, binaries
from tests.anonnet.fixtures import SHARED_FOLDER
from tests.anonnet.shared import shared_network


def main() -> None:
    """Start it, and say what stands in ``ANON_CONFIG``."""
    programs = binaries(cast("Program", sys.argv[1] if len(sys.argv) > 1 else "anon"))
    with (
        tempfile.TemporaryDirectory() as folder,
        shared_network(programs, Path(os.environ.get(SHARED_FOLDER) or folder)) as network,
        suppress(KeyboardInterrupt),
    ):
        sys.stdout.write(f"ANON_BINARY={network.binary}\nANON_CONFIG={network.config_file(Path(folder))}\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()

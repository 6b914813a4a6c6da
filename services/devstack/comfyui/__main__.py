"""`python -m services.devstack.comfyui --dir DIR`: a simulated ComfyUI until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import msgspec

from .config import SimulatorConfig
from .server import running_simulator

DEFAULT_PORT = 8188  # ComfyUI's


def main() -> None:
    """Parse the command line and serve; exit 1 with one sentence when that cannot be done."""
    options = _parser().parse_args()
    settings = {
        "base_dir": options.dir,
        "port": options.port,
        "step_s": options.step_s,
        "without": options.without,
        "gpus": options.multigpu,
        "faults_route": options.faults,
    }
    try:
        config = msgspec.convert(settings, SimulatorConfig)
        asyncio.run(_serve(config))
    except (OSError, ValueError) as error:
        sys.exit(f"cannot simulate ComfyUI: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.devstack.comfyui", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 for any free one")
    parser.add_argument("--dir", type=Path, required=True, help="gets input/, output/ and temp/")
    parser.add_argument("--step-s", type=float, default=0.15, help="seconds one sampling step takes")
    parser.add_argument("--without", action="append", default=[], metavar="MODEL", help="lack this file")
    parser.add_argument(
        "--multigpu", type=int, default=0, metavar="N", help="have ComfyUI-MultiGPU and N GPUs"
    )
    parser.add_argument("--faults", action="store_true", help="answer /_simulator/*, for tests")
    return parser


async def _serve(config: SimulatorConfig) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running_simulator(config) as simulator:
        sys.stdout.write(f"ComfyUI simulator (no model, paints placeholders): {simulator.url}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    main()

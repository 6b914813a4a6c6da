"""``python -m tests.integration.anon.service FOLDER``: a service that has an anon, and tells its process."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec

from services.common.run import run
from services.tunnel.anon.anon import Anon
from services.tunnel.anon.anonrc import AnonPlan


async def main(stopping: asyncio.Event) -> None:
    """Run what ``plan.json`` in the folder says."""
    folder = Path(sys.argv[1])
    said = msgspec.json.decode((folder / "plan.json").read_bytes(), type=dict[str, str])
    anon = await Anon.planned(
        AnonPlan(
            binary=Path(said["binary"]), data_dir=Path(said["data_dir"]), extra=said["extra"], agreed=True
        )
    )
    anon.watch(lambda _: (folder / "pid").write_text(str(anon.pid)))
    await anon.run(stopping)


if __name__ == "__main__":
    run("tunnel", main)

"""Which optional parts a binary was built with."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

_ANSWER_TIMEOUT_S = 30.0


async def has_module(binary: Path, name: str) -> bool:
    """Whether *binary* says that it has the module *name*; an option of one that is not there is refused."""
    process = await asyncio.create_subprocess_exec(
        str(binary), "--list-modules", stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            out, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
    return f"{name}: yes" in out.decode(errors="replace").splitlines()

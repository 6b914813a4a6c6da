"""An operator at the command line, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from msgspec import Struct

from tests.servers import ROOT


class Done(Struct, frozen=True, kw_only=True):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one line that ``--json`` prints."""
        [line] = self.out.splitlines()
        return json.loads(line)


class Operator:
    """Runs commands with that environment."""

    def __init__(self, **environ: str) -> None:
        self._environ = {"PATH": os.environ["PATH"], "COLUMNS": "200", **environ}

    async def workflow(self, *arguments: str) -> Done:
        """``darkroom workflow …``, to its end."""
        return await self._run("workflow", *arguments)

    async def backend(self, *arguments: str) -> Done:
        """``darkroom backend …``, to its end."""
        return await self._run("backend", *arguments)

    async def tunnel(self, *arguments: str) -> Done:
        """``darkroom tunnel …``, to its end."""
        return await self._run("tunnel", *arguments)

    async def _run(self, *arguments: str) -> Done:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.cli", *arguments),
            env=self._environ,
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate()
        return Done(code=process.returncode or 0, out=out.decode(), err=err.decode())

"""A GPU that nobody can locate: a ComfyUI simulator published by `darkroom tunnel host`, and its users."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.anonnet.shared import SharedNetwork
from tests.e2e.darkroom import Darkroom, running_darkroom
from tests.e2e.gpu import Gpu

_PUBLISHED_S = 120.0
_AUTHORIZE = "./dev darkroom tunnel authorize "


class Host:
    """
    `darkroom tunnel host` beside a ComfyUI.

    Attributes:
        comfyui_dir: ComfyUI's folder with input, output and temp.
    """

    def __init__(self, home: Path, gpu: Gpu, comfyui_dir: Path, environ: dict[str, str]) -> None:
        self.comfyui_dir = comfyui_dir
        self._argv = (sys.executable, "-m", "services.cli", "tunnel", "host", "--data", str(home))
        self._argv += ("--comfyui", gpu.url, "--comfyui-dir", str(comfyui_dir))
        self._environ = environ
        self._process: subprocess.Popen[str] | None = None

    async def start(self) -> list[str]:
        """Start it; what it says to run on the renderer's machine, after ``./dev darkroom``."""
        self._process = await asyncio.to_thread(
            subprocess.Popen,
            self._argv,
            stdout=subprocess.PIPE,
            env={**os.environ, **self._environ},
            text=True,
        )
        async with asyncio.timeout(_PUBLISHED_S):
            return await asyncio.to_thread(self._line)

    def kill(self) -> None:
        """SIGKILL it, if it runs; its anon ends with it."""
        if self._process is not None:
            self._process.kill()
            self._end()

    def stop(self) -> int:
        """End it as Ctrl-C does; the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._end()

    def files(self) -> list[str]:
        """What lies in ComfyUI's folders of Darkroom's."""
        return sorted(path.name for path in self.comfyui_dir.rglob("darkroom-*") if path.is_file())

    def _line(self) -> list[str]:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip().startswith(_AUTHORIZE):
                return shlex.split(line.strip().removeprefix("./dev darkroom "))
        raise AssertionError("it ended without publishing anything")

    def _end(self) -> int:
        assert self._process is not None
        code = self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
        return code


class Place:
    """
    The two machines of one test, on one network.

    Attributes:
        gpu: The ComfyUI.
        host: What publishes it.
        environ: Of whatever starts an anon here.
        home: Of the Darkroom that is to use it.
        backend: What to give ``--comfyui``, once it is authorized.
    """

    def __init__(self, folder: Path, network: SharedNetwork, *simulator: str) -> None:
        comfyui_dir = folder / "gpu"
        self.environ = {
            "ANON_BINARY": str(network.binary),
            "ANON_CONFIG": str(network.config_file(folder)),
            "ANON_AGREE_TO_TERMS": "yes",
        }
        # Uploads are kept for the chain's next job for two minutes, which no test waits for.
        keeping = {"TUNNEL_INPUT_GRACE_S": "10", "TUNNEL_SWEEP_EVERY_S": "1"}
        self.gpu = Gpu(comfyui_dir, *simulator)
        self.host = Host(folder / "gpu-host", self.gpu, comfyui_dir, self.environ | keeping)
        self.home = folder
        self.backend = ""

    async def open(self) -> None:
        """Publish the GPU, and run the line that says who may use it."""
        await self.gpu.start()
        await self.authorize(await self.host.start())

    async def authorize(self, line: list[str]) -> None:
        """Run ``darkroom tunnel authorize …`` where the renderer is."""
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.cli", *line, "--data", str(self.home)),
            env={**os.environ, **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = await done.communicate()
        assert 0 == done.returncode, said.decode()
        _, _, name, address, _ = line
        self.backend = f"{name}=http://{address}"

    @asynccontextmanager
    async def darkroom(self) -> AsyncGenerator[Darkroom]:
        """A Darkroom that has nothing but that GPU; the address alone tells it how to get there."""
        context = running_darkroom(self.home, "--comfyui", self.backend, **self.environ)
        darkroom = await asyncio.to_thread(context.__enter__)
        try:
            yield darkroom
        finally:
            await asyncio.to_thread(context.__exit__, None, None, None)

    def close(self) -> None:
        """End everything that still runs."""
        self.host.kill()
        self.gpu.kill()


@asynccontextmanager
async def published(folder: Path, network: SharedNetwork, *simulator: str) -> AsyncGenerator[Place]:
    """A GPU published on *network*, and a machine that may use it; *simulator*: more of its arguments."""
    place = Place(folder, network, *simulator)
    try:
        await place.open()
        yield place
    finally:
        place.close()

"""A still picture that stands for a video, made by a process of its own."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress

from services.renderer.metadata import Clean, UnreadableMediaError, cleaned

TIMEOUT_S = 20.0
_JPEG_BYTES_MAX = 4 * 1024 * 1024
_PIECE_BYTES = 256 * 1024
# Isolated: neither the environment, in which keys lie, nor the folder it is started in matter to it.
_PROGRAM = (sys.executable, "-I", "-m", "services.renderer.first_frame")


async def poster_of(video: bytes, timeout_s: float = TIMEOUT_S) -> Clean | None:
    """
    A JPEG of the first frame that shows something, at most 1280 pixels a side.

    Decoders are large and what they read comes from someone else's machine, so a process of its own
    does it: should the video crash it, fill its memory or keep it busy, there is no poster, and that is all.
    """
    process = await asyncio.create_subprocess_exec(*_PROGRAM, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={})
    feeding = asyncio.create_task(_feed(process, video))
    try:
        async with asyncio.timeout(timeout_s):
            return cleaned(await _answer(process))
    except (TimeoutError, UnreadableMediaError):
        return None
    finally:
        feeding.cancel()
        await asyncio.wait({feeding})
        await _ended(process)


async def _ended(process: Process) -> None:
    """Nothing of the process is left: neither itself, nor the pipes to it."""
    if process.returncode is None:
        process.kill()
    if process.stdin is not None:
        process.stdin.close()
    while process.stdout is not None and await process.stdout.read(_PIECE_BYTES):
        pass
    await process.wait()


async def _feed(process: Process, video: bytes) -> None:
    """Piece by piece: handed over as a whole, it would be held once more."""
    stdin = process.stdin
    assert stdin is not None
    with suppress(ConnectionError):  # it has died, which its code tells
        for at in range(0, len(video), _PIECE_BYTES):
            stdin.write(video[at : at + _PIECE_BYTES])
            await stdin.drain()
        stdin.close()
        await stdin.wait_closed()


async def _answer(process: Process) -> bytes:
    """All that it has to say; nothing when that is more than a picture, or it ended badly."""
    stdout = process.stdout
    assert stdout is not None
    answer = bytearray()
    while piece := await stdout.read(_PIECE_BYTES):
        answer += piece
        if len(answer) > _JPEG_BYTES_MAX:
            return b""
    return bytes(answer) if await process.wait() == 0 else b""

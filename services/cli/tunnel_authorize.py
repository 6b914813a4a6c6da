"""``darkroom tunnel authorize``: the key of a host, put where the tunnel finds it."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from services.cli.outcome import Outcome, complain, print_json
from services.common.errors import ConfigError
from services.devstack import run_record
from services.tunnel.anon.binary import find_binary, flavour_of
from services.tunnel.authorization import authorize

_TIMEOUT_S = 10.0


def run(
    home: Path, environ: Mapping[str, str], name: str, address: str, key: str, *, as_json: bool
) -> Outcome:
    """Keep *key* for the backend *name* at *address*, and say what to start."""
    try:
        outcome = asyncio.run(_run(home, environ, name, address, key))
    except ConfigError as exc:
        complain(str(exc), as_json=as_json)
        return Outcome.DOES_NOT_HOLD
    start = f"DARKROOM_TUNNEL=anon ./dev up --comfyui {name}=http://{outcome.address}:80"
    if home != Path("~/.darkroom").expanduser().resolve():
        start += f" --data {shlex.quote(str(home))}"
    if as_json:
        print_json({"ok": True, "file": outcome.path, "reloaded": outcome.reloaded, "start": start})
        return Outcome.HOLDS
    print(f"{outcome.path} holds the key. It is a secret: whoever has it can use that GPU.")
    if outcome.reloaded:
        print("The tunnel that runs knows it from now on.")
    print(f"Start Darkroom with this backend:\n  {start}")
    return Outcome.HOLDS


class _Kept:
    def __init__(self, path: Path, address: str, *, reloaded: bool) -> None:
        self.path = path
        self.address = address
        self.reloaded = reloaded


async def _run(home: Path, environ: Mapping[str, str], name: str, address: str, key: str) -> _Kept:
    flavour = await flavour_of(find_binary(environ.get("ANON_BINARY", ""), home))
    address = address.strip().lower().removeprefix("http://").rstrip("/").removesuffix(":80")
    path = authorize(home, name, address, key, flavour.tld)
    return _Kept(path, address, reloaded=await _reloaded(home))


async def _reloaded(home: Path) -> bool:
    """Whether a tunnel runs here and reads its keys again."""
    record = run_record.running(home)
    if record is None:
        return False
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.post(f"{record.tunnel_url.rstrip('/')}/-/reload") as answer,
        ):
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False  # it reads them when it starts

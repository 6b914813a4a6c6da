"""The tunnel that runs, asked over its own routes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import msgspec
from msgspec import Struct

from services.cli.tunnel_words import Status
from services.common.config import text_of
from services.common.errors import ConfigError, RejectedError, UnavailableError
from services.devstack import run_record

_TIMEOUT_S = 15.0


class TunnelRefusedError(RejectedError):
    """It answered, with its own words for why not."""

    code = "tunnel-refused"


class _Refusal(Struct, frozen=True, kw_only=True):
    error: str


def tunnel_url(home: Path, environ: Mapping[str, str]) -> str:
    """
    ``TUNNEL_URL``, or else the tunnel of the stack that runs on *home*.

    Raises:
        ConfigError: Nothing runs there.
    """
    record = run_record.running(home)
    url = text_of("TUNNEL_URL", environ) or (record.tunnel_url if record else "")
    if not url:
        raise ConfigError(
            f"No Darkroom runs on {home}. Start it with: ./dev up --data {shlex.quote(str(home))}; or name "
            "the TUNNEL_URL of one that runs elsewhere."
        )
    return url.rstrip("/")


async def status(url: str) -> Status:
    """
    How the tunnel at *url* stands.

    Raises:
        UnavailableError: Nothing answers there, or it is no tunnel.
        TunnelRefusedError: It does not say.
    """
    try:
        return msgspec.json.decode(await _ask("GET", f"{url}/-/status"), type=Status)
    except msgspec.DecodeError as exc:
        raise UnavailableError(f"What answers at {url} is no tunnel, or one of another version.") from exc


async def new_identity(url: str) -> None:
    """
    Have everything that begins from now on go over new circuits.

    Raises:
        UnavailableError: Nothing answers there, or it is no tunnel.
        TunnelRefusedError: It can't now, or never.
    """
    await _ask("POST", f"{url}/-/new-identity")


async def _ask(method: str, url: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as http,
            http.request(method, url, allow_redirects=False) as answer,
        ):
            body, is_ok = await answer.read(), answer.status == 200
    except (aiohttp.ClientError, TimeoutError, ValueError) as exc:
        raise UnavailableError(
            f"The tunnel does not answer at {url.partition('/-/')[0]}: is Darkroom running?"
        ) from exc
    if is_ok:
        return body
    try:
        said = msgspec.json.decode(body, type=_Refusal).error
    except msgspec.DecodeError as exc:
        raise UnavailableError(f"What answers at {url.partition('/-/')[0]} is no tunnel.") from exc
    raise TunnelRefusedError(said)

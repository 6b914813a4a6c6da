"""``darkroom tunnel host``: ComfyUI, or the web chat, published from this machine; and its identity."""

from __future__ import annotations

import asyncio
import shlex
import signal
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from services.cli.outcome import Outcome, complain, print_json
from services.cli.terminal import Terminal
from services.common.config import read_settings
from services.common.errors import ConfigError
from services.tunnel.anon.life import Life
from services.tunnel.host.config import Settings
from services.tunnel.host.identity import base32
from services.tunnel.host.identity_file import (
    back_up,
    identity_path,
    known_identity,
    read_identity,
    write_identity,
)
from services.tunnel.host.onion import COMFYUI, News
from services.tunnel.host.service import serve

BACKEND = "gpu"
"""What the line for the other side calls this machine; it may be called anything there."""


class Asked(Struct, frozen=True, kw_only=True):
    """What the command line said; nothing where the environment is to say it."""

    comfyui: str | None = None
    comfyui_dir: Path | None = None
    clients: tuple[str, ...] = ()
    web: str | None = None


def run(home: Path, environ: Mapping[str, str], asked: Asked, *, as_json: bool) -> Outcome:
    """Publish until Ctrl-C; it holds when it was ended so."""
    given = {
        "DARKROOM_HOME": str(home),
        "TUNNEL_COMFYUI_URL": asked.comfyui,
        "TUNNEL_COMFYUI_DIR": str(asked.comfyui_dir) if asked.comfyui_dir else None,
        "TUNNEL_CLIENTS": ",".join(asked.clients) or None,
        "TUNNEL_WEB_URL": asked.web,
        # Nobody asks a command for its health: any port will do.
        "HEALTH_PORT": environ.get("HEALTH_PORT", "0"),
    }
    try:
        settings = read_settings(
            Settings, {**environ, **{name: value for name, value in given.items() if value is not None}}
        )
        asyncio.run(_until_interrupted(settings, home, as_json=as_json))
    except ConfigError as exc:
        complain(str(exc), as_json=as_json)
        return Outcome.DOES_NOT_HOLD
    return Outcome.HOLDS


def backup(home: Path, copy: Path, *, as_json: bool) -> Outcome:
    """Copy the identity to *copy*."""
    try:
        back_up(identity_path(home), copy)
    except ConfigError as exc:
        complain(str(exc), as_json=as_json)
        return Outcome.DOES_NOT_HOLD
    if as_json:
        print_json({"ok": True, "backup": copy})
    else:
        print(
            f"{copy} is this host: whoever has it can take its address and let people in.\n"
            f"To restore it, put it back as {identity_path(home)}, with mode 600, and start the host."
        )
    return Outcome.HOLDS


def revoke(home: Path, name: str, *, as_json: bool) -> Outcome:
    """Shut *name* out; a host that runs does so within a second."""
    try:
        path = identity_path(home)
        write_identity(path, known_identity(path).without_client(name))
    except ConfigError as exc:
        complain(str(exc), as_json=as_json)
        return Outcome.DOES_NOT_HOLD
    if as_json:
        print_json({"ok": True, "revoked": name})
    else:
        print(
            f"{name} is shut out. A host that runs now does so at once: it publishes anew, under the same "
            "address, and cuts what is open."
        )
    return Outcome.HOLDS


async def _until_interrupted(settings: Settings, home: Path, *, as_json: bool) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    teller = _Teller(home, as_json=as_json)
    if settings.comfyui() is not None and settings.folders() is None:
        teller.say(
            "Purge of files is off: pictures stay in ComfyUI's folders on this machine. To have them deleted "
            "after delivery, name the folder that holds input, output and temp: --comfyui-dir DIR."
        )
    await serve(settings, stopping, teller.hear)
    teller.say("Stopped.")


class _Teller:
    """Says on the terminal how it goes on, and on standard output what is to be copied."""

    def __init__(self, home: Path, *, as_json: bool) -> None:
        self._terminal = Terminal()
        self._home = home
        self._as_json = as_json
        self._said = ""

    def say(self, sentence: str) -> None:
        """Once, however often it is so."""
        if sentence != self._said:
            self._said = sentence
            self._terminal.say(sentence)

    def hear(self, news: News) -> None:
        """As ``serve`` tells it."""
        if isinstance(news, Life):
            if news.phase == "up":
                self.say("Connected. Publishing…")
            elif news.phase != "stopped":
                self.say(f"{news.words[:1].upper()}{news.words[1:]}…")
            return
        identity = read_identity(identity_path(self._home))
        clients = identity.clients if identity and news.service == COMFYUI else {}
        if self._as_json:
            keys = {name: base32(key) for name, key in clients.items()}
            print_json({"ok": True, "service": news.service, "address": news.address, "clients": keys})
            return
        print("\n".join(_lines(news.service, news.address, clients)), flush=True)


def _lines(service: str, address: str, clients: Mapping[str, bytes]) -> list[str]:
    if service != COMFYUI:
        return [
            f"The web chat is published: http://{address}",
            "Everybody who knows this address can open it. Tell the web chat its own name, and restart it:",
            f"  DARKROOM_WEB_ONION={shlex.quote(address)} ./dev up",
        ]
    told = [
        f"ComfyUI is published: {address}",
        "Run this where the renderer runs. The last word is a secret: whoever has it can use this GPU.",
    ]
    for name, key in sorted(clients.items()):
        told += ["", f"{name}:", f"  ./dev darkroom tunnel authorize {BACKEND} {address} {base32(key)}"]
    return [*told, "", "Ctrl-C ends it."]

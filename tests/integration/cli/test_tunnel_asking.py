"""``darkroom tunnel status`` and ``new-identity`` without a network; with one, see the Telegram channel's."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from services.devstack.ports import free_port
from tests.integration.cli.operator import Operator
from tests.integration.tunnel.running import backend, tunnel_to

COMMANDS = ["status", "new-identity"]


@pytest.mark.parametrize("command", COMMANDS)
async def test_in_direct_mode_neither_holds(command: str) -> None:
    """There is no tunnel to be up, and no identity to change; both say so, in words and in JSON."""
    async with tunnel_to(1) as url:
        operator = Operator(TUNNEL_URL=f"http://{urlsplit(url).netloc}")
        plain = await operator.tunnel(command)
        told = await operator.tunnel(command, "--json")

    assert "DARKROOM_TUNNEL=direct" in plain.out + plain.err
    assert (1, 1, False) == (plain.code, told.code, told.json["ok"])


@pytest.mark.parametrize("command", COMMANDS)
async def test_what_does_not_answer_can_not_be_told(command: str, tmp_path: Path) -> None:
    """Nothing there, or nothing running on the data directory: not the same as a tunnel that is down."""
    nothing = await Operator(TUNNEL_URL=f"http://127.0.0.1:{free_port()}").tunnel(command)
    nowhere = await Operator().tunnel(command, "--data", str(tmp_path), "--json")

    assert (2, True) == (nothing.code, "does not answer" in nothing.err)
    assert (2, True) == (nowhere.code, "./dev up --data" in nowhere.json["error"])


async def test_what_is_no_tunnel_is_not_believed() -> None:
    """Whatever else answers there."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>")

    async with backend(page) as port:
        asked = await Operator(TUNNEL_URL=f"http://127.0.0.1:{port}").tunnel("status")

    assert (2, True) == (asked.code, "is no tunnel" in asked.err)

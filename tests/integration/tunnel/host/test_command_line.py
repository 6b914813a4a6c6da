"""``darkroom tunnel host`` and ``authorize``, as two people at two machines use them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest
from aiohttp import web

from services.common.errors import ConfigError
from services.tunnel.authorization import authorize, folder_of
from services.tunnel.host.identity import Identity, base32
from services.tunnel.host.identity_file import identity_path, known_identity, write_identity
from tests.anonnet.shared import SharedNetwork
from tests.integration.tunnel.running import backend

ADDRESS = "aoqqpp7tzyil4hlq3umoos6atft6jvrqtosq2xy53sdgiesvgg4mqmqd.anon"
OTHER = "aoqqpp7tzyil4hlq3umoos6atft6jvrqtosq2xy53sdgiesvgg4bqead.onion"
KEY = base32(bytes(range(32)))
START_TIMEOUT_S = 120.0


async def darkroom(*words: str, **environ: str) -> Process:
    """Start the command line."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", *words),
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environ},
        stdout=PIPE,
        stderr=PIPE,
    )


async def said(*words: str, **environ: str) -> tuple[int | None, str, str]:
    """Exit code, standard output and standard error of a command."""
    process = await darkroom(*words, **environ)
    out, err = await asyncio.wait_for(process.communicate(), START_TIMEOUT_S)
    return process.returncode, out.decode(), err.decode()


async def test_two_machines(anon_network: SharedNetwork, tmp_path: Path) -> None:
    """The host prints the line that the other machine needs; that keeps the key and says what to start."""

    async def show(_: web.Request) -> web.Response:
        return web.Response()

    here, there = str(tmp_path / "h"), str(tmp_path / "t")
    environ = {
        "ANON_BINARY": str(anon_network.binary),
        "ANON_CONFIG": str(anon_network.config_file(tmp_path)),
        "ANON_AGREE_TO_TERMS": "yes",
    }
    async with backend(show) as port:
        url = f"http://127.0.0.1:{port}"
        process = await darkroom(
            *("tunnel", "host", "--comfyui", url, "--client", "anna", "--data", here), **environ
        )
        assert process.stdout is not None
        line = b""
        async with asyncio.timeout(START_TIMEOUT_S):
            while b"authorize" not in line:
                line = await process.stdout.readline()
                assert line, (await process.communicate())[1].decode()
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), START_TIMEOUT_S)
    words = line.decode().split()

    assert 0 == process.returncode
    assert "Purge of files is off" in err.decode()
    assert ["./dev", "darkroom", "tunnel", "authorize", "gpu"] == words[:5]
    assert base32(known_identity(identity_path(Path(here))).clients["anna"]) == words[6]

    code, out, _ = await said(*words[2:], "--data", there, **environ)
    file = folder_of(Path(there)) / "gpu.auth_private"
    assert 0 == code
    assert f"DARKROOM_TUNNEL=anon ./dev up --comfyui gpu=http://{words[5]}:80" in out
    assert "secret" in out
    assert words[6] not in out
    assert f"{words[5].partition('.')[0]}:descriptor:x25519:{words[6]}\n" == file.read_text()
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize(
    ("name", "address", "key", "words"),
    [
        ("GPU", ADDRESS, KEY, "name"),
        ("../gpu", ADDRESS, KEY, "name"),
        ("gpu", ADDRESS.replace("aoqq", "aoqr"), KEY, "checksum"),
        ("gpu", OTHER, KEY, "onion"),
        ("gpu", OTHER.replace(".onion", ".anon"), KEY, "checksum"),
        ("gpu", "example.com", KEY, "no hidden service"),
        ("gpu", ADDRESS, KEY[:-1], "no key"),
        ("gpu", ADDRESS, KEY.replace("A", "1"), "no key"),
    ],
)
def test_mistyped(tmp_path: Path, name: str, address: str, key: str, words: str) -> None:
    """Each of the three is looked at before anything is written; the key is never repeated."""
    with pytest.raises(ConfigError, match=words) as refused:
        authorize(tmp_path, name, address, key, "anon")

    assert key not in str(refused.value)
    assert not folder_of(tmp_path).exists()


def test_a_key_is_replaced_and_an_address_has_one(tmp_path: Path) -> None:
    """A new key for the same name replaces the old one; the same address under two names is refused."""
    authorize(tmp_path, "gpu", ADDRESS, KEY, "anon")
    path = authorize(tmp_path, "gpu", f"http://{ADDRESS}:80/", base32(b"b" * 32).lower(), "anon")
    with pytest.raises(ConfigError, match="'gpu' has that address"):
        authorize(tmp_path, "second", ADDRESS, KEY, "anon")

    assert f"{ADDRESS[:56]}:descriptor:x25519:{base32(b'b' * 32)}\n" == path.read_text()
    assert [path] == list(folder_of(tmp_path).iterdir())


async def test_revoked_and_backed_up(tmp_path: Path) -> None:
    """Both work on the file alone, while a host runs or not; a name that is not there is said."""
    path = identity_path(tmp_path)
    write_identity(path, Identity(comfyui=b"a" * 32, clients={"anna": b"b" * 32, "bob": b"c" * 32}))
    copy = tmp_path / "backup"
    code, _, _ = await said("tunnel", "host", "--backup", str(copy), "--data", str(tmp_path))
    assert 0 == code
    assert path.read_bytes() == copy.read_bytes()
    code, out, _ = await said("tunnel", "host", "--revoke", "anna", "--json", "--data", str(tmp_path))
    assert (0, {"ok": True, "revoked": "anna"}) == (code, json.loads(out))
    assert ["bob"] == list(known_identity(path).clients)
    code, _, err = await said("tunnel", "host", "--revoke", "anna", "--data", str(tmp_path))
    assert 1 == code
    assert "bob" in err


async def test_what_is_elsewhere_is_not_published(tmp_path: Path, anon_network: SharedNetwork) -> None:
    """A ComfyUI on another machine, or none at all: refused in a sentence, and nothing is started."""
    environ = {"ANON_BINARY": str(anon_network.binary), "ANON_AGREE_TO_TERMS": "yes"}
    for words, told in (
        (("--comfyui", "http://10.0.0.5:8188"), "not on this machine"),
        (("--comfyui", "https://127.0.0.1:8188"), "TUNNEL_COMFYUI_URL"),
        ((), "Nothing to publish"),
    ):
        code, out, err = await said("tunnel", "host", *words, "--data", str(tmp_path / "h"), **environ)
        assert (1, "") == (code, out)
        assert told in err
    assert not (tmp_path / "h").exists()

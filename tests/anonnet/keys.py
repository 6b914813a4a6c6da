"""The authorities' keys."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from tests.anonnet.binaries import Binaries
from tests.anonnet.nodes import HOST, Node, authority_line

TERMS = "terms-agreement"
AGREED = "agreed"  # exactly, without a newline; tor does not look at the file


def make_data_dir(path: Path) -> Path:
    """A data directory in which anon's terms are agreed to, as everything here is a test on loopback."""
    path.mkdir(mode=0o700, parents=True)
    (path / TERMS).write_text(AGREED)
    return path


async def make_keys(programs: Binaries, node: Node, folder: Path, empty: Path) -> str:
    """Make the keys of the authority *node* in its data directory; returns its ``DirAuthority`` line."""
    data_dir = make_data_dir(folder / node.name)
    keys = data_dir / "keys"
    keys.mkdir(mode=0o700)
    certificate = keys / "authority_certificate"
    await _run(
        str(programs.gencert),
        "--create-identity-key",
        *("-m", "12"),
        *("-a", f"{HOST}:{node.dir_port}"),
        *("--passphrase-fd", "0"),
        *("-i", str(keys / "authority_identity_key")),
        *("-s", str(keys / "authority_signing_key")),
        *("-c", str(certificate)),
        said="password\n",
    )
    out = await _run(
        str(programs.binary),
        "--quiet",
        "--list-fingerprint",
        *("--ORPort", str(node.or_port)),
        *("--DataDirectory", str(data_dir)),
        *("--Nickname", node.name),
        *("-f", str(empty)),
    )
    fingerprint = re.search(rf"^{node.name} ([0-9A-F ]+)$", out, re.MULTILINE)
    identity = re.search(r"^fingerprint ([0-9A-F]+)$", certificate.read_text(), re.MULTILINE)
    assert fingerprint, out
    assert identity
    return authority_line(node, identity[1], fingerprint[1])


async def _run(*command: str, said: str = "") -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate(said.encode())
    assert process.returncode == 0, f"{command[0]}: {out.decode()}"
    return out.decode()

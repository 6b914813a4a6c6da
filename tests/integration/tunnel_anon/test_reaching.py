"""What can be reached through the network, and what a backend that can't be is called."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.common.errors import ConfigError
from services.tunnel.client_role import mode
from tests.anonnet.shared import SharedNetwork
from tests.integration.tunnel_anon.hosts import Host, Key, authorize, hosted, new_key
from tests.integration.tunnel_anon.tunnels import backend, settings, tunnel, well
from tests.unit.tunnel.test_hidden_service import address

WELL = (200, "")


async def test_it_refuses_until_it_is_up_and_then_serves(
    network: SharedNetwork, host: Host, home: Path, client: aiohttp.ClientSession
) -> None:
    """From the first moment, with the reason; nothing has to be started again for it."""
    async with backend(host, well), tunnel(network, home, client, gpu=host.address) as at:
        first = await at.ask()
        await at.until(WELL)
        status = await at.status()

    assert (503, "tunnel-down") == first
    assert ("anon", "up", 100) == (status["mode"], status["life"]["phase"], status["life"]["percent"])
    assert network.program == status["flavour"]["program"]
    assert "HS_CLIENT_REND" in {circuit["purpose"] for circuit in status["report"]["circuits"]}


async def test_a_key_opens_what_is_closed_to_others(
    network: SharedNetwork, closed_host: Host, key: Key, tmp_path: Path, client: aiohttp.ClientSession
) -> None:
    """Three clients: with the right key, with another, and with none; each is told which it is."""
    gpu = closed_host.address
    authorize(tmp_path / "friend", gpu, key)
    authorize(tmp_path / "stranger", gpu, new_key())
    async with (
        backend(closed_host, well),
        tunnel(network, tmp_path / "friend", client, gpu=gpu) as friend,
        tunnel(network, tmp_path / "stranger", client, gpu=gpu) as stranger,
        tunnel(network, tmp_path / "nobody", client, gpu=gpu) as nobody,
    ):
        await friend.until(WELL)
        await stranger.until((502, "backend-key-refused"))
        await nobody.until((502, "backend-key-missing"))
        status = await nobody.status()

    assert "backend-key-missing" == status["backends"]["gpu"]["code"]


async def test_what_nobody_published_and_what_is_not_offered(
    network: SharedNetwork, host: Host, home: Path, client: aiohttp.ClientSession
) -> None:
    """A host whose ComfyUI is off, an address of nobody's, and one that only looks like one."""
    tld = host.address.rpartition(".")[2]
    nobody = address(Ed25519PrivateKey.generate().public_key().public_bytes_raw(), tld)
    no_key = address(bytes(range(32)), tld)  # no point of the curve
    async with tunnel(network, home, client, nobody=nobody, gpu=host.address, broken=no_key) as at:
        await at.until((502, "backend-unreachable"))
        await at.until((502, "backend-not-published"), "nobody")
        await at.until((403, "address-refused"), "broken")


@pytest.mark.parametrize("wrong", ["foreign", "mistyped", "clear"])
async def test_no_other_address_is_started_with(
    network: SharedNetwork, host: Host, home: Path, wrong: str
) -> None:
    """An address of another network, one with a wrong letter, and one of no network at all."""
    label, _, tld = host.address.partition(".")
    addresses = {
        "foreign": f"{label}.{'anyone' if tld != 'anyone' else 'onion'}",
        "mistyped": f"{'b' if label[0] == 'a' else 'a'}{label[1:]}.{tld}",
        "clear": "gpu.example",
    }
    before = network.asked()
    with pytest.raises(ConfigError, match="'gpu'"):
        async with mode(settings(network, home, gpu=addresses[wrong])):
            pass

    assert before == network.asked(), "no exit's DNS server heard of it"


async def test_an_alias_leads_to_its_address(
    anon_network: SharedNetwork, tmp_path: Path, home: Path, client: aiohttp.ClientSession
) -> None:
    """Out of anon's own file; the address is what is asked for, so no exit can come to see the alias."""
    data_dir = home / "tunnel" / "client" / "anon"
    data_dir.mkdir(parents=True, mode=0o700)
    with hosted(anon_network, tmp_path / "host") as host:
        (data_dir / "anons").write_text(f"comfy.anon {host.address}\n")
        async with backend(host, well), tunnel(anon_network, home, client, gpu="comfy.anon") as at:
            await at.until(WELL)

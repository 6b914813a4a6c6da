"""The host role on a private network: who gets in, and who does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp_socks import ProxyConnector
from msgspec import Struct

from services.common.config import read_settings
from services.common.errors import ConfigError
from services.devstack.ports import free_port
from services.tunnel.authorization import authorize, folder_of
from services.tunnel.host.config import Settings
from services.tunnel.host.identity import Identity, base32
from services.tunnel.host.identity_file import identity_path, known_identity, new_key, write_identity
from services.tunnel.host.onion import News, Published
from services.tunnel.host.service import serve
from tests.anonnet.client import Client
from tests.anonnet.shared import SharedNetwork
from tests.integration.tunnel.running import backend

START_TIMEOUT_S = 120.0


async def show(request: web.Request) -> web.Response:
    """Answer with what arrived."""
    return web.json_response([request.host, request.path])


class Host(Struct, frozen=True, kw_only=True):
    """
    A host that runs.

    Attributes:
        home: Its data directory.
        address: Where its ComfyUI is published.
        news: What it told since.
        health_port: Of its ``/readyz``.
    """

    home: Path
    address: str
    news: asyncio.Queue[News]
    health_port: int

    @property
    def identity(self) -> Identity:
        """As it stands in the file."""
        return known_identity(identity_path(self.home))

    async def published(self) -> str:
        """The next address that it publishes."""
        return (await _published(self.news)).address


async def _published(news: asyncio.Queue[News]) -> Published:
    async with asyncio.timeout(START_TIMEOUT_S):
        while not isinstance(told := await news.get(), Published):
            pass
    return told


@asynccontextmanager
async def hosting(network: SharedNetwork, home: Path, more: Mapping[str, str]) -> AsyncGenerator[Host]:
    """A host on *network* while the block runs, published."""
    await asyncio.to_thread(home.mkdir, exist_ok=True)
    port = free_port()
    environ = {
        "DARKROOM_HOME": str(home),
        "ANON_BINARY": str(network.binary),
        "ANON_CONFIG": str(network.config_file(home)),
        "ANON_AGREE_TO_TERMS": "yes",
        "HEALTH_PORT": str(port),
        **more,
    }
    stopping, news = asyncio.Event(), asyncio.Queue[News]()
    serving = asyncio.create_task(serve(read_settings(Settings, environ), stopping, news.put_nowait))
    try:
        first = asyncio.create_task(_published(news))
        await asyncio.wait({first, serving}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            first.cancel()
            serving.result()
        yield Host(home=home, address=(await first).address, news=news, health_port=port)
    finally:
        stopping.set()
        await asyncio.wait({serving})
    serving.result()


@asynccontextmanager
async def visitor(
    network: SharedNetwork, folder: Path, address: str, key: str = ""
) -> AsyncGenerator[Client]:
    """A client of the network, with a key for *address* if one is given."""
    folder_of(folder).mkdir(parents=True, mode=0o700)
    if key:
        authorize(folder, "gpu", address, key, address.rpartition(".")[2])
    with network.client(folder / "anon", f"ClientOnionAuthDir {folder_of(folder)}") as client:
        await asyncio.to_thread(client.until_bootstrapped)
        yield client


async def fetched(client: Client, url: str) -> object:
    """What the hidden service answers."""
    connector = ProxyConnector.from_url(f"socks5://127.0.0.1:{client.socks_port}", rdns=True)
    async with aiohttp.ClientSession(connector=connector) as session, session.get(url) as answer:
        return await answer.json()


async def gets_in(client: Client, address: str) -> bool:
    """Whether the service takes *client*, on a circuit of its own."""
    return await asyncio.to_thread(client.reaches, address)


async def until_in(client: Client, address: str) -> None:
    """Wait until the service takes *client*."""
    await asyncio.to_thread(client.until_reaches, address)


async def test_keys(network: SharedNetwork, tmp_path: Path) -> None:
    """
    Whoever has a key gets in, to the allow-list; without one, or with another's, nobody does.

    One who is let in later gets in without a new start; one who is shut out does not any more, under the
    same address, and the others still do.
    """
    async with (
        backend(show) as port,
        hosting(
            network,
            tmp_path / "h",
            {"TUNNEL_COMFYUI_URL": f"http://127.0.0.1:{port}", "TUNNEL_CLIENTS": "one"},
        ) as host,
    ):
        address, key = host.address, base32(host.identity.clients["one"])
        async with (
            visitor(network, tmp_path / "a", address, key) as one,
            visitor(network, tmp_path / "b", address) as nobody,
            visitor(network, tmp_path / "c", address, base32(new_key())) as stranger,
        ):
            await until_in(one, address)
            assert [f"127.0.0.1:{port}", "/queue"] == await fetched(one, f"http://{address}/queue")
            refused = await fetched(one, f"http://{address}/userdata")
            assert isinstance(refused, dict)
            assert "route-refused" == refused["code"]
            assert [False, False] == [await gets_in(who, address) for who in (nobody, stranger)]
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{host.health_port}/readyz") as ready,
            ):
                assert 200 == ready.status, await ready.text()

            late = new_key()
            write_identity(identity_path(host.home), host.identity.with_client("two", late))
            async with visitor(network, tmp_path / "d", address, base32(late)) as two:
                await until_in(two, address)
                write_identity(identity_path(host.home), host.identity.without_client("one"))
                assert address == await host.published()
                await until_in(two, address)
                assert not await gets_in(one, address)


async def test_one_file_is_the_host(network: SharedNetwork, tmp_path: Path) -> None:
    """Put into another data directory, the identity gives the same address, and the key opens it."""
    settings = {"TUNNEL_COMFYUI_URL": "http://127.0.0.1:9"}
    async with hosting(network, tmp_path / "h", settings) as first:
        address, identity = first.address, first.identity
    home = tmp_path / "i"
    write_identity(identity_path(home), identity)
    async with hosting(network, home, settings) as second:
        assert (address, identity) == (second.address, second.identity)
        key = base32(identity.clients["renderer"])
        async with visitor(network, tmp_path / "a", address, key) as one:
            await until_in(one, address)


async def test_the_web_chat_is_for_everybody(anon_network: SharedNetwork, tmp_path: Path) -> None:
    """Its address is another one, and nobody needs a key; the page gets the name it was asked by."""
    async with (
        backend(show) as port,
        hosting(anon_network, tmp_path / "h", {"TUNNEL_WEB_URL": f"http://127.0.0.1:{port}"}) as host,
    ):
        assert not (host.home / "tunnel" / "host" / "comfyui").exists()
        async with visitor(anon_network, tmp_path / "a", host.address) as anybody:
            await until_in(anybody, host.address)
            assert [host.address, "/x"] == await fetched(anybody, f"http://{host.address}/x")


async def test_addresses_differ_by_release_only(
    anon_network: SharedNetwork, tor_network: SharedNetwork, tmp_path: Path
) -> None:
    """One identity is one key: its address has the same first characters everywhere, and another suffix."""
    said: list[str] = []
    for number, network in enumerate((anon_network, tor_network)):
        home = tmp_path / str(number)
        write_identity(identity_path(home), Identity(comfyui=bytes(range(32))))
        async with hosting(network, home, {"TUNNEL_COMFYUI_URL": "http://127.0.0.1:9"}) as host:
            said.append(host.address)

    assert [
        "aoqqpp7tzyil4hlq3umoos6atft6jvrqtosq2xy53sdgiesvgg4mqmqd.anon",
        "aoqqpp7tzyil4hlq3umoos6atft6jvrqtosq2xy53sdgiesvgg4bqead.onion",
    ] == said


async def test_one_host_at_a_time(anon_network: SharedNetwork, tmp_path: Path) -> None:
    """A second host on the same data directory does not start, and says why."""
    settings = {"TUNNEL_COMFYUI_URL": "http://127.0.0.1:9"}
    async with hosting(anon_network, tmp_path / "h", settings):
        with pytest.raises(ConfigError, match="already"):
            async with hosting(anon_network, tmp_path / "h", settings):
                pass

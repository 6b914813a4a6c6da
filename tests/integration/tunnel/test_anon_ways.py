"""Ways through a SOCKS port: who shares a connection, what failures mean, and that nothing goes elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from services.tunnel.anon_ways import AnonWays, Patience
from services.tunnel.backends import Backend
from services.tunnel.errors import ERROR_HEADER, AddressRefusedError, TunnelDownError, WayError
from services.tunnel.listener import Listener
from services.tunnel.own_routes import OwnRoutes
from services.tunnel.proxy import CHAIN_HEADER, Named, Proxy
from services.tunnel.stall import Idle
from tests.integration.tunnel.running import backend, until
from tests.integration.tunnel.socks_server import HANGS_UP, SILENCE, SocksServer, socks_server

HOST = "6dnogh6nny3ozwiycndunquwap7zt35ia7crcwvmqlnubmxwhqtiu7yd.anon"
ONION = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"
QUICK = Patience(connect_s=0.5, silent_s=0.3)


async def well(_: web.Request) -> web.StreamResponse:
    """A backend that is."""
    return web.json_response({})


@asynccontextmanager
async def tunnel(
    socks: SocksServer, *, host: str = HOST, patience: Patience = QUICK, answer_s: float = 5, most: int = 64
) -> AsyncGenerator[tuple[str, AnonWays]]:
    """A tunnel through *socks* whose backend ``one`` is *host*; its URL, and its ways."""
    backends = {"one": Backend(name="one", host=host, port=80)}
    ways = AnonWays(socks, "anon", patience=patience, most=most)
    idle = Idle(answer_s=answer_s, upload_s=answer_s, body_s=answer_s)
    proxy = Proxy(Named(backends), ways, own=OwnRoutes("anon", backends), idle=idle)
    async with Listener(proxy, "127.0.0.1", 0).listening() as port:
        yield f"http://127.0.0.1:{port}/one", ways
    await ways.close()


async def ask(client: aiohttp.ClientSession, url: str, chain: str = "") -> tuple[int, str]:
    """Status and error code of a small question."""
    async with client.get(f"{url}/prompt", headers={CHAIN_HEADER: chain} if chain else {}) as answer:
        await answer.read()
        return answer.status, answer.headers.get(ERROR_HEADER, "")


async def test_names_are_told_to_the_port_alone(client: aiohttp.ClientSession) -> None:
    """As names, with credentials that hold nothing of the chain."""
    async with backend(well) as port, socks_server(port) as socks, tunnel(socks) as (url, _):
        assert (200, "") == await ask(client, url, "a-chain")

    (asked,) = socks.asked
    assert (True, HOST, 80) == (asked.is_name, asked.host, asked.port)
    assert b"\x02" in asked.methods
    assert "a-chain" not in asked.user + asked.password


async def test_a_chain_keeps_its_connection_and_shares_it_with_none(client: aiohttp.ClientSession) -> None:
    """Two chains and the backend's own questions: three users, of whom each connects once."""
    async with backend(well) as port, socks_server(port) as socks, tunnel(socks) as (url, ways):
        for chain in ("a", "b", "", "b", "a", ""):
            assert (200, "") == await ask(client, url, chain)
        kept = ways.kept()

    assert 3 == len(socks.asked) == len(set(socks.users())) == kept
    assert 1 == len({one.password for one in socks.asked})


async def test_parallel_requests_of_a_chain_have_one_user(client: aiohttp.ClientSession) -> None:
    """So that their connections are on one circuit."""
    going = asyncio.Event()

    async def together(_: web.Request) -> web.StreamResponse:
        await going.wait()
        return web.json_response({})

    async with backend(together) as port, socks_server(port) as socks, tunnel(socks) as (url, _):
        asking = [asyncio.create_task(ask(client, url, "a")) for _ in range(4)]
        await until(lambda: len(socks.asked) == 4)
        going.set()
        await asyncio.gather(*asking)

    assert 1 == len(set(socks.users()))


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        (0x01, 502, "backend-unreachable"),
        (0x04, 502, "backend-unreachable"),
        (0x05, 502, "backend-refused"),
        (0x06, 502, "backend-unreachable"),
        (0xF0, 502, "backend-not-published"),
        (0xF1, 502, "backend-not-published"),
        (0xF2, 502, "backend-unreachable"),
        (0xF3, 502, "backend-unreachable"),
        (0xF4, 502, "backend-key-missing"),
        (0xF5, 502, "backend-key-refused"),
        (0xF6, 403, "address-refused"),
        (0xF7, 502, "backend-unreachable"),
        (HANGS_UP, 503, "tunnel-down"),
        (SILENCE, 502, "backend-unreachable"),
    ],
)
async def test_refusals_have_codes(client: aiohttp.ClientSession, code: int, status: int, error: str) -> None:
    """Each in the answer's header, and none is waited for longer than a connection may take."""
    async with socks_server(code=code) as socks, tunnel(socks) as (url, _):
        assert (status, error) == await ask(client, url)


async def test_a_dead_port_is_a_tunnel_that_is_down(client: aiohttp.ClientSession) -> None:
    """Anon was just killed, and nobody has noticed yet."""
    async with socks_server() as socks:
        pass

    async with tunnel(socks) as (url, _):
        assert (503, "tunnel-down") == await ask(client, url)


async def test_down_refuses_at_once_whatever_is_held(client: aiohttp.ClientSession) -> None:
    """A connection that is kept is not used either."""
    async with backend(well) as port, socks_server(port) as socks, tunnel(socks) as (url, _):
        await ask(client, url, "a")
        socks.is_up = False
        began = asyncio.get_running_loop().time()
        assert (503, "tunnel-down") == await ask(client, url, "a")
        assert asyncio.get_running_loop().time() - began < 0.5

    assert 1 == len(socks.asked)


async def test_a_chain_leaves_a_circuit_that_looks_dead(client: aiohttp.ClientSession) -> None:
    """After a connection that was not had in time, an answer that did not come, and a client that gave up."""
    quiet = True

    async def moody(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60 if quiet else 0)
        return web.json_response({})

    async with backend(moody) as port, socks_server(port) as socks, tunnel(socks, answer_s=1) as (url, _):
        socks.code = SILENCE
        assert (502, "backend-unreachable") == await ask(client, url, "a")
        socks.code = 0
        assert (504, "backend-timeout") == await ask(client, url, "a")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.6):
                await ask(client, url, "a")
        quiet = False
        assert (200, "") == await ask(client, url, "a")
        assert (200, "") == await ask(client, url, "a")

    assert 4 == len(socks.asked) == len(set(socks.users()))


async def test_a_client_that_leaves_early_leaves_the_circuit_alone(client: aiohttp.ClientSession) -> None:
    """It had not waited for long: nothing is known against the circuit."""

    async def slow(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.json_response({})

    patience = Patience(connect_s=5, silent_s=5)
    async with (
        backend(slow) as port,
        socks_server(port) as socks,
        tunnel(socks, patience=patience) as (url, _),
    ):
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await ask(client, url, "a")

    assert 1 == len(set(socks.users()))


async def test_a_new_generation_drops_all_circuits(client: aiohttp.ClientSession) -> None:
    """Anon was started again, or has a new identity."""
    async with backend(well) as port, socks_server(port) as socks, tunnel(socks) as (url, ways):
        await ask(client, url, "a")
        await ask(client, url, "b")
        socks.life.generation += 1
        await ask(client, url, "a")

        assert 1 == ways.kept()

    assert 3 == len(set(socks.users()))


async def test_circuits_are_bounded_and_none_is_closed_in_use(client: aiohttp.ClientSession) -> None:
    """The least recently used goes; a request that is under way ends well, though it is the oldest."""
    going = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/queue":
            await going.wait()
        return web.json_response({})

    async with backend(handler) as port, socks_server(port) as socks, tunnel(socks, most=3) as (url, ways):
        oldest = asyncio.create_task(client.get(f"{url}/queue", headers={CHAIN_HEADER: "oldest"}))
        await until(lambda: len(socks.asked) == 1)
        for number in range(6):
            await ask(client, url, str(number))
        kept = ways.kept()
        await ask(client, url, "5")
        going.set()
        async with await oldest as answer:
            assert 200 == answer.status

    assert 3 == kept
    assert 7 == len(socks.asked), "the most recent one was kept"


@pytest.mark.parametrize("host", [ONION, "127.0.0.1", "comfyui.example", f"a{HOST[1:]}"])
async def test_what_is_no_address_is_never_asked_for(client: aiohttp.ClientSession, host: str) -> None:
    """Not even of the SOCKS port, and not by a direct connection either: 127.0.0.1:80 is not dialled."""
    async with socks_server() as socks, tunnel(socks, host=host) as (url, _):
        assert (403, "address-refused") == await ask(client, url)

    assert [] == socks.asked


async def test_streams_go_where_they_may() -> None:
    """A raw stream's bytes arrive, by the key's own user; hidden services of other networks are refused."""

    async def echo(request: web.Request) -> web.StreamResponse:
        return web.Response(text="heard")

    async with backend(echo) as port, socks_server(port) as socks, tunnel(socks) as (_, ways):
        for key in ("one", "one", "two"):
            reader, writer = await ways.open_stream("api.telegram.org", 443, key)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert (await reader.read()).endswith(b"heard")
            writer.close()
        with pytest.raises(AddressRefusedError):
            await ways.open_stream(ONION, 80, "one")
        socks.is_up = False
        with pytest.raises(TunnelDownError):
            await ways.open_stream("api.telegram.org", 443, "one")

    assert [True, True, True] == [one.is_name for one in socks.asked]
    assert 2 == len(set(socks.users()))


async def test_spares_are_handed_to_fresh_chains(client: aiohttp.ClientSession) -> None:
    """A fresh chain makes no connection of its own, and the spare is made up for."""
    one = Backend(name="one", host=HOST, port=80)
    async with backend(well) as port, socks_server(port) as socks, tunnel(socks) as (url, ways):
        holding = asyncio.create_task(ways.hold_spares([one]))
        await until(lambda: len(socks.asked) == 2)
        first = socks.users()
        await ask(client, url, "a")
        await until(lambda: len(socks.asked) == 3)
        await ask(client, url, "a")
        await ask(client, url, "b")
        await until(lambda: len(socks.asked) == 4)
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)

    assert 4 == len(set(socks.users()))
    assert first == socks.users()[:2]


async def test_a_spare_of_before_is_not_handed_out(client: aiohttp.ClientSession) -> None:
    """After a new identity, or a restart of anon, spares are made anew."""
    one = Backend(name="one", host=HOST, port=80)
    async with backend(well) as port, socks_server(port) as socks, tunnel(socks) as (url, ways):
        holding = asyncio.create_task(ways.hold_spares([one]))
        await until(lambda: len(socks.asked) == 2)
        socks.life.generation += 1
        await ask(client, url, "a")
        await until(lambda: len(socks.asked) == 5)
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)

    assert 5 == len(set(socks.users()))


async def test_an_error_in_the_block_is_not_swallowed() -> None:
    """What went wrong on a way is the asker's to handle."""
    one = Backend(name="one", host=HOST, port=80)
    async with socks_server(code=0xF4) as socks, tunnel(socks) as (_, ways):
        with pytest.raises(WayError) as caught:
            async with ways.way(one, "a") as upstream:
                await upstream.send("GET", f"{one.origin}/prompt", {}, None)

    assert "backend-key-missing" == caught.value.code

"""What is asked and told over the control port."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from services.common.errors import ConfigError
from services.tunnel.anon.report import Report
from tests.anonnet.nodes import NODES
from tests.anonnet.shared import SharedNetwork
from tests.anonnet.socks import REFUSED
from tests.integration.anon.running import DEADLINE_S, plan, running, target
from tests.servers import eventually


async def test_a_new_identity(network: SharedNetwork, tmp_path: Path) -> None:
    """It is told, and whoever keeps connections learns it by another generation; it stays up meanwhile."""
    told: list[str] = []
    async with running(plan(network, tmp_path)) as run:
        await run.anon.until_up(DEADLINE_S)
        await run.anon.on_event("SIGNAL", told.append)
        pid = run.anon.pid
        await run.anon.new_identity()

        async def came() -> bool:
            return "SIGNAL NEWNYM" in told

        await eventually(came)
        assert ("up", 2, pid) == (run.anon.life.phase, run.anon.life.generation, run.anon.pid)


async def test_the_report(network: SharedNetwork, tmp_path: Path) -> None:
    """Circuits with the relays they lead over, the streams on them, and the bytes so far."""
    async with target() as port, running(plan(network, tmp_path)) as run:
        await run.anon.until_up(DEADLINE_S)
        reader, writer = await asyncio.open_connection(*run.anon.socks)
        writer.write(b"\x05\x01\x00")
        await reader.readexactly(2)
        writer.write(b"\x05\x01\x00\x01\x7f\x00\x00\x01" + port.to_bytes(2, "big"))
        assert b"\x05\x00" == (await reader.readexactly(10))[:2]
        report = await run.anon.report()
        writer.close()
        await writer.wait_closed()

    assert (network.program, "up", 100, "") == (report.program, report.phase, report.percent, report.reason)
    assert ["SUCCEEDED"] == [stream.status for stream in report.streams]
    carrying = next(one for one in report.circuits if one.id == report.streams[0].circuit)
    assert 3 == len(carrying.relays)
    assert {relay.nickname for relay in carrying.relays} <= set(NODES)
    assert {""} == {relay.country for relay in carrying.relays}  # loopback lies in no country
    assert report.read_bytes > 0
    assert report.written_bytes > 0


async def test_the_report_after_a_hidden_service(network: SharedNetwork, tmp_path: Path) -> None:
    """Circuits to hidden services are reported, at which the SDK's own function breaks."""
    service = (f"HiddenServiceDir {tmp_path}/host/service", "HiddenServicePort 80 127.0.0.1:1")
    with network.client(tmp_path / "host", "SocksPort 0", *service) as host:
        address = await host.address()
        async with running(plan(network, tmp_path)) as run:
            await run.anon.until_up(DEADLINE_S)
            await run.until_reply(REFUSED, address, 81)
            report = await run.anon.report()

    assert "HS_CLIENT_REND" in {circuit.purpose for circuit in report.circuits}


async def test_no_report_without_a_process(anon_network: SharedNetwork, tmp_path: Path) -> None:
    """Who asks while nothing runs is told that it does not, and why."""
    async with running(plan(anon_network, tmp_path)) as run:
        await run.anon.until_up(DEADLINE_S)
        await run.stop()
        report = await run.anon.report()

    assert isinstance(report, Report)
    assert ("stopped", "stopped", ()) == (report.phase, report.reason, report.circuits)


async def test_a_key_for_a_hidden_service(network: SharedNetwork, tmp_path: Path) -> None:
    """A hidden service that lets in only those with a key is out of reach until the key is there and read."""
    host_key, client_key = key_pair()
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    folder = tmp_path / "host" / "service"
    with network.client(
        tmp_path / "host", "SocksPort 0", f"HiddenServiceDir {folder}", "HiddenServicePort 80 127.0.0.1:1"
    ) as host:
        address = await host.address()
        (folder / "authorized_clients" / "us.auth").write_text(f"descriptor:x25519:{host_key}\n")
        host.ask("SIGNAL RELOAD")
        async with running(plan(network, tmp_path, lines=(f"ClientOnionAuthDir {keys}",))) as run:
            await run.anon.until_up(DEADLINE_S)
            # Extended error F4: it is there, and wants a key.
            await run.until_reply(0xF4, address, 81)
            (keys / "host.auth_private").write_text(
                f"{address.partition('.')[0]}:descriptor:x25519:{client_key}\n"
            )
            before = run.anon.socks
            await run.anon.reload()
            await run.until_reply(REFUSED, address, 81)

            assert before == run.anon.socks


async def test_a_reload_that_would_end_it(network: SharedNetwork, tmp_path: Path) -> None:
    """A configuration that anon would abort on is refused, and it goes on with what it had."""
    async with target() as port, running(plan(network, tmp_path)) as run:
        await run.anon.until_up(DEADLINE_S)
        with pytest.raises(ConfigError):
            await run.anon.reload((f"ClientOnionAuthDir {tmp_path}/nowhere",))
        await run.anon.reload()

        assert 0 == await run.reply("127.0.0.1", port)
        assert 1 == run.anon.life.generation


def key_pair() -> tuple[str, str]:
    """A public and a private X25519 key, as hidden services write them."""
    from base64 import b32encode

    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    private = X25519PrivateKey.generate()
    return tuple(
        b32encode(raw).decode().rstrip("=")
        for raw in (private.public_key().public_bytes_raw(), private.private_bytes_raw())
    )

"""How an anon starts, and what keeps it from being started."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.common.errors import ConfigError
from services.tunnel.anon.anon import Anon
from services.tunnel.anon.binary import find_binary, flavour_of
from services.tunnel.errors import TunnelDownError
from tests.anonnet.shared import SharedNetwork
from tests.integration.anon.running import DEADLINE_S, plan, running, target


async def test_it_bootstraps(network: SharedNetwork, tmp_path: Path) -> None:
    """It says how far it is, from 0 to 100 %, refuses until then, and carries a connection after it."""
    async with target() as port, running(plan(network, tmp_path)) as run:
        with pytest.raises(TunnelDownError, match="not up") as caught:
            _ = run.anon.socks
        assert "tunnel-down" == caught.value.code

        await run.anon.until_up(DEADLINE_S)
        assert 0 == await run.reply("127.0.0.1", port)

    percents = [life.percent for life in run.lives if life.phase in {"starting", "bootstrapping", "up"}]
    assert sorted(percents) == percents
    assert (0, 100) == (percents[0], percents[-1])
    assert network.program == run.anon.flavour.program


async def test_the_network_decides_on_the_ending(network: SharedNetwork, tmp_path: Path) -> None:
    """What the binary's hidden services really end with is what its version was taken to mean."""
    flavour = await flavour_of(network.binary)
    service = (f"HiddenServiceDir {tmp_path}/host/service", "HiddenServicePort 80 127.0.0.1:1")
    with network.client(tmp_path / "host", "SocksPort 0", *service) as host:
        assert flavour.tld == (await host.address()).partition(".")[2]


@pytest.mark.parametrize(
    "wrong",
    [
        "EntryNode {de}",
        "SocksPort 0.0.0.0:9050",
        "NumCPUs many",
    ],
    ids=["no such option", "may not be set", "no such value"],
)
async def test_a_wrong_line_is_named(network: SharedNetwork, tmp_path: Path, wrong: str) -> None:
    """Before anything is started, although anon itself would abort without a word."""
    with pytest.raises(ConfigError) as caught:
        await Anon.planned(plan(network, tmp_path, "# mine", wrong))

    number = len(network.config_lines) + 2
    assert f"ANON_CONFIG, line {number}: " in str(caught.value)
    assert wrong.partition(" ")[0] in str(caught.value)
    assert not (tmp_path / "anon data" / "anonrc").exists()


async def test_a_role_that_is_wrong(network: SharedNetwork, tmp_path: Path) -> None:
    """What a role adds is checked likewise, and nobody else is blamed for it."""
    with pytest.raises(ConfigError, match="does not accept its configuration"):
        await Anon.planned(plan(network, tmp_path, lines=(f"ClientOnionAuthDir {tmp_path}/nowhere",)))


async def test_terms_are_not_agreed_to_silently(anon_network: SharedNetwork, tmp_path: Path) -> None:
    """Without the agreement of the operator, anon is not started, even if there was one before."""
    await Anon.planned(plan(anon_network, tmp_path))
    with pytest.raises(ConfigError, match="terms of use"):
        await Anon.planned(plan(anon_network, tmp_path, agreed=False))


async def test_a_folder_with_any_name(anon_network: SharedNetwork, tmp_path: Path) -> None:
    """Spaces, quotes and line ends in a data directory's name are part of its name."""
    await Anon.planned(plan(anon_network, tmp_path, data_dir=tmp_path / 'a "b"\\c#\nSocksPort 9050'))


async def test_another_program(tmp_path: Path) -> None:
    """A program that is something else, or none, is named with the setting that names it."""
    with pytest.raises(ConfigError, match="neither anon nor tor"):
        await flavour_of(Path("/bin/true"))
    with pytest.raises(ConfigError, match="ANON_BINARY names"):
        find_binary(str(tmp_path), tmp_path)
    with pytest.raises(ConfigError, match="tunnel install"):
        find_binary("", tmp_path)
    (tmp_path / "garbage").write_bytes(b"\x7fELF")
    (tmp_path / "garbage").chmod(0o755)
    with pytest.raises(ConfigError, match="can't be run here"):
        await flavour_of(tmp_path / "garbage")

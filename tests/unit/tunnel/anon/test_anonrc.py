from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tunnel.anon.anonrc import AnonPlan, anonrc, default_lines, own_lines, quoted

PLAN = AnonPlan(binary=Path("/opt/anon"), data_dir=Path("/data/anon"), lines=("ClientOnionAuthDir /keys",))
KNOWN = {"AvoidDiskWrites", "VanguardsLiteEnabled", "GeoIPFile", "GeoIPv6File"}


def option(lines: tuple[str, ...], name: str) -> list[str]:
    """The values of *name*."""
    return [line.partition(" ")[2] for line in lines if line.partition(" ")[0] == name]


def test_what_darkroom_rests_on() -> None:
    """Ports on loopback, isolation by SOCKS user, a cookie, our process as owner, no addresses in logs."""
    lines = own_lines(PLAN, 42)

    assert ["127.0.0.1:auto IsolateSOCKSAuth KeepAliveIsolateSOCKSAuth ExtendedErrors"] == option(
        lines, "SocksPort"
    )
    assert ["127.0.0.1:auto"] == option(lines, "ControlPort")
    assert ["1"] == option(lines, "CookieAuthentication")
    assert ["42"] == option(lines, "__OwningControllerProcess")
    assert ["1"] == option(lines, "ClientOnly")
    assert ["1"] == option(lines, "SafeLogging")
    assert ["/keys"] == option(lines, "ClientOnionAuthDir")


def test_no_socks() -> None:
    """Who needs no SOCKS port has none."""
    plan = AnonPlan(binary=PLAN.binary, data_dir=PLAN.data_dir, socks=False)

    assert ["0"] == option(own_lines(plan, 42), "SocksPort")


def test_only_what_the_binary_knows() -> None:
    """A default that the binary has no option for is left out: it would abort."""
    lines = default_lines(PLAN, KNOWN, None)

    assert ["AvoidDiskWrites 1", "VanguardsLiteEnabled auto"] == list(lines)


def test_what_the_operator_says_comes_first() -> None:
    """An option of ANON_CONFIG stands once, whatever letters it is written in."""
    plan = AnonPlan(binary=PLAN.binary, data_dir=PLAN.data_dir, extra="\n# so\n  geoipfile /mine\n")

    assert ["AvoidDiskWrites", "VanguardsLiteEnabled", "GeoIPv6File"] == [
        line.split(" ")[0] for line in default_lines(plan, KNOWN, Path("/opt"))
    ]


def test_no_terms_in_the_text() -> None:
    """The text agrees to nothing: terms are agreed to by a file, which tor does not look at."""
    assert "AgreeToTerms" not in anonrc(own_lines(PLAN, 42), default_lines(PLAN, KNOWN, None), ())


@pytest.mark.parametrize(
    ("path", "value"),
    [("/a b/c#d", '"/a b/c#d"'), ('/a"b', '"/a\\"b"'), ("/a\\b", '"/a\\\\b"')],
)
def test_paths(path: str, value: str) -> None:
    """A path with spaces, quotes or # is one value."""
    assert value == quoted(Path(path))


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_path_stays_one_line(name: str) -> None:
    """Nothing that a folder is called can add a line, and with it an option."""
    assert 1 == len(f"DataDirectory {quoted(Path('/') / name)}".split("\n"))

from __future__ import annotations

import pytest

from services.common.errors import ConfigError
from services.tunnel.anon.anonrc import AnonPlan, own_lines
from services.tunnel.anon.options import Line, check_extra, check_own, extra_lines
from tests.unit.tunnel.anon.test_anonrc import PLAN

KNOWN = {"EntryNodes", "ExitNodes", "SocksPort", "SafeLogging", "HiddenServiceDir", "__SocksPort", "Log"}


def checked(text: str) -> list[Line]:
    """The lines of *text*, if they may stand there."""
    lines = list(extra_lines(text))
    check_extra(lines, KNOWN, "anon 0.4.9.11-live")
    return lines


def test_what_may_stand_there() -> None:
    """Comments and empty lines are left out, names are read in any letters, values are left alone."""
    text = "# mine\n\n  EntryNodes {de},{ch}  \nexitnodes {se} # hm\n"

    assert [
        (3, "EntryNodes", "EntryNodes {de},{ch}"),
        (4, "exitnodes", "exitnodes {se} # hm"),
    ] == [(line.number, line.option, line.text) for line in checked(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EntryNodes a\nEntryNode b\n", ["ANON_CONFIG, line 2", "EntryNode", "anon 0.4.9.11-live"]),
        ("SocksPort 0.0.0.0:9050", ["line 1", "SocksPort", "loopback"]),
        ("sOCKSpORT 9050", ["line 1", "sOCKSpORT", "loopback"]),
        ("__SocksPort 9050", ["line 1", "__SocksPort", "loopback"]),
        ("\nLog debug file /tmp/x", ["line 2", "Log ", "addresses"]),
        ("SafeLogging 0", ["line 1", "SafeLogging", "addresses"]),
        ("HiddenServiceDir /x", ["line 1", "host role"]),
        ("DataDirectory /x", ["line 1", "DataDirectory"]),
        ("ControlPort 9051", ["line 1", "ControlPort"]),
        ("RunAsDaemon 1", ["line 1", "RunAsDaemon"]),
        ("ORPort 9001", ["line 1", "never a relay"]),
        ("MapAddress a.anon 1.2.3.4", ["line 1", "MapAddress"]),
        ("__DisableSignalHandlers 1", ["line 1", "__DisableSignalHandlers"]),
        ("AgreeToTerms 1", ["line 1", "AgreeToTerms"]),
        ("%include /etc/x", ["line 1", "%include"]),
        ("+SocksPort 9050", ["line 1"]),
        ("EntryNodes \\\n a", ["line 1"]),
    ],
)
def test_what_may_not(text: str, words: list[str]) -> None:
    """The message names the file, the line, the option and the reason."""
    with pytest.raises(ConfigError) as caught:
        checked(text)

    assert [] == [word for word in words if word not in str(caught.value)]


def test_no_value_in_a_message() -> None:
    """A value may be a bridge's secret: no message repeats it."""
    with pytest.raises(ConfigError) as caught:
        checked("Nonsense obfs4-secret")

    assert "obfs4-secret" not in str(caught.value)


def test_own_options_are_checked_too() -> None:
    """A release that lost an option that Darkroom needs is named before it aborts."""
    lines = own_lines(PLAN, 1)
    known = {line.partition(" ")[0] for line in lines}

    check_own(lines, known, "anon 1")
    with pytest.raises(ConfigError, match="anon 1 has no option ClientOnly"):
        check_own(lines, known - {"ClientOnly"}, "anon 1")


def test_a_role_is_not_the_operator() -> None:
    """What a role adds may publish hidden services, which ANON_CONFIG may not."""
    plan = AnonPlan(binary=PLAN.binary, data_dir=PLAN.data_dir, lines=("HiddenServiceDir /x",))
    lines = own_lines(plan, 1)

    check_own(lines, {line.partition(" ")[0] for line in lines}, "anon 1")

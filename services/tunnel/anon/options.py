"""
Which options may stand in a configuration. Pure.

A name that anon does not know makes it abort without a word, so every one is looked up before a start. And
what an operator adds in ``ANON_CONFIG`` may not undo what Darkroom promises.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from msgspec import Struct

from services.common.errors import ConfigError

SETTING = "ANON_CONFIG"

_LISTENS = "Darkroom opens the ports that it needs itself, on loopback and with its own protection"
_RELAYS = "Darkroom's anon is a client and never a relay"
_OWNED = "Darkroom sets it itself"
_LOGS = "the log must hold no addresses, and Darkroom decides where it goes"
_REDIRECTS = "a backend's address must not become another one"
_CONTROLLED = "Darkroom could not control anon any more"

# In small letters: anon reads names in any.
_REFUSED = {
    **dict.fromkeys(
        (
            *("socksport", "controlport", "controlsocket", "httptunnelport", "transport", "natdport"),
            *("dnsport", "metricsport", "metricsportpolicy", "controlsocketsgroupwritable"),
            *("unixsocksgroupwritable", "sockspolicy", "controlportfilegroupreadable"),
            *("hashedcontrolpassword", "__hashedcontrolsessionpassword", "cookieauthentication"),
            *("cookieauthfile", "cookieauthfilegroupreadable", "controlportwritetofile"),
        ),
        _LISTENS,
    ),
    **dict.fromkeys(
        (
            *("orport", "extorport", "dirport", "exitrelay", "exitpolicy", "reducedexitpolicy", "ipv6exit"),
            *("bridgerelay", "clientonly", "authoritativedirectory", "v3authoritativedirectory"),
            *("bridgeauthoritativedir", "dircache", "nickname", "contactinfo", "servertransportplugin"),
        ),
        _RELAYS,
    ),
    **dict.fromkeys(
        (
            *("datadirectory", "cachedirectory", "keydirectory", "pidfile", "user", "runasdaemon"),
            *("datadirectorygroupreadable", "cachedirectorygroupreadable", "keydirectorygroupreadable"),
            *("clientonionauthdir", "agreetoterms", "disablenetwork", "__owningcontrollerprocess"),
        ),
        _OWNED,
    ),
    **dict.fromkeys(
        ("log", "safelogging", "logmessagedomains", "syslogidentitytag", "truncatelogfile", "testsocks"),
        _LOGS,
    ),
    **dict.fromkeys(("mapaddress", "automaphostsonresolve", "automaphostssuffixes"), _REDIRECTS),
    **dict.fromkeys(
        (
            *("__disablesignalhandlers", "__reloadtorrconsighup", "__leavestreamsunattached"),
            *("__owningcontrollerfd", "disabledebuggerattachment"),
        ),
        _CONTROLLED,
    ),
}
_HIDDEN_SERVICE = "hiddenservice"  # how all of those options begin
_SERVES = "what is published is the host role's to say: ./dev darkroom tunnel host"
_OTHERWISE_LISTENS = re.compile(r"__\w+port")  # __SocksPort and the like are the same by another name

_LINE = re.compile(r"(?P<option>\S+)\s*(?P<value>.*)")


class Line(Struct, frozen=True, kw_only=True):
    """One option that an operator added."""

    number: int
    """In the file, from 1."""
    option: str
    text: str


def extra_lines(text: str, source: str = SETTING) -> Iterator[Line]:
    """
    The options in *text*, without comments and empty lines.

    Raises:
        ConfigError: A line includes another file, goes on in the next one, or undoes an earlier one.
    """
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith(("%", "+", "/")) or line.endswith("\\"):
            raise ConfigError(
                f"{source}, line {number}: write each option on one line of its own, "
                "without %include, + and / before it or \\ at the end."
            )
        found = _LINE.fullmatch(line)
        assert found is not None  # a stripped line that is not empty begins with what is no space
        yield Line(number=number, option=found["option"], text=line)


def check_extra(lines: Collection[Line], known: Collection[str], program: str, source: str = SETTING) -> None:
    """
    Check what an operator added against the options that *program* knows and those that may be set.

    Raises:
        ConfigError: Names the line, the option and what is wrong with it; never its value.
    """
    names = {name.lower() for name in known}
    for line in lines:
        name = line.option.lower()
        reason = _REFUSED.get(name)
        if name.startswith(_HIDDEN_SERVICE):
            reason = _SERVES
        elif _OTHERWISE_LISTENS.fullmatch(name):
            reason = _LISTENS
        if reason is not None:
            raise ConfigError(f"{source}, line {line.number}: {line.option} may not stand here: {reason}.")
        if name not in names:
            raise ConfigError(
                f"{source}, line {line.number}: {program} has no option {line.option}. "
                "It would abort without a word."
            )


def check_own(lines: Collection[str], known: Collection[str], program: str) -> None:
    """
    Check the names that Darkroom writes itself.

    Raises:
        ConfigError: *program* is too old, or too new, for one of them.
    """
    names = {name.lower() for name in known}
    for line in lines:
        option = line.partition(" ")[0]
        if option.lower() not in names:
            raise ConfigError(
                f"This {program} has no option {option}, which Darkroom needs. Use another release."
            )

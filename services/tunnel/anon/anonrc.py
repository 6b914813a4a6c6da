"""
The configuration of anon, written from what is wanted. Pure.

One text for anon and tor: terms of use are agreed to by a file, where the option would be anon's alone.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from msgspec import Struct

HOST = "127.0.0.1"
TERMS_FILE = "terms-agreement"
TERMS_AGREED = b"agreed"
"""All of that file: with a newline after it, anon does not take it."""
CONTROL_PORT_FILE = "control-port"

# As in C: a line's end in a folder's name would be the beginning of another option.
_ESCAPED = {**{code: f"\\{code:03o}" for code in range(32)}, ord("\\"): "\\\\", ord('"'): '\\"'}


class AnonPlan(Struct, frozen=True, kw_only=True):
    """
    What an anon is to be.

    Attributes:
        binary: The program.
        data_dir: Its own; nothing else is kept in it.
        extra: What the file that ``ANON_CONFIG`` names holds.
        agreed: Whether the operator has agreed to anon's terms of use.
        lines: What the role needs, like ``ClientOnionAuthDir …``; see ``quoted`` for paths.
        socks: Whether it takes SOCKS connections.
    """

    binary: Path
    data_dir: Path
    extra: str = ""
    agreed: bool = False
    lines: tuple[str, ...] = ()
    socks: bool = True


def quoted(path: Path) -> str:
    """*path* as a value, whatever stands in it."""
    return f'"{str(path).translate(_ESCAPED)}"'


def own_lines(plan: AnonPlan, owner_pid: int) -> tuple[str, ...]:
    """What Darkroom rests on; nobody may say otherwise."""
    socks = f"{HOST}:auto IsolateSOCKSAuth KeepAliveIsolateSOCKSAuth ExtendedErrors" if plan.socks else "0"
    return (
        f"DataDirectory {quoted(plan.data_dir)}",
        f"SocksPort {socks}",
        f"ControlPort {HOST}:auto",
        f"ControlPortWriteToFile {quoted(plan.data_dir / CONTROL_PORT_FILE)}",
        "CookieAuthentication 1",
        # It ends when we do, however we end.
        f"__OwningControllerProcess {owner_pid}",
        "ClientOnly 1",
        "Log notice stdout",
        "SafeLogging 1",
        *plan.lines,
    )


def default_lines(plan: AnonPlan, known: Collection[str], geoip: Path | None) -> tuple[str, ...]:
    """
    What is better so, as far as the binary knows it and neither the role nor ``ANON_CONFIG`` says otherwise.

    Args:
        plan: May set the same options.
        known: The binary's options.
        geoip: Folder with ``geoip`` and ``geoip6``, if there is one.
    """
    wanted = {
        "AvoidDiskWrites": "1",
        "VanguardsLiteEnabled": "auto",
        # A tunnel that has fallen asleep would make the first picture of the morning wait.
        "DormantTimeoutEnabled": "0",
        "DormantCanceledByStartup": "1",
    }
    if geoip is not None:
        wanted["GeoIPFile"] = quoted(geoip / "geoip")
        wanted["GeoIPv6File"] = quoted(geoip / "geoip6")
    others = (*plan.lines, *plan.extra.splitlines())
    said = {line.split(maxsplit=1)[0].lower() for line in others if line.strip()}
    return tuple(
        f"{name} {value}" for name, value in wanted.items() if name in known and name.lower() not in said
    )


def anonrc(own: tuple[str, ...], default: tuple[str, ...], extra: tuple[str, ...]) -> str:
    """The whole file."""
    return "\n".join((*own, *default, *extra, ""))

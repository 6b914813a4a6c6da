"""The nodes of a network and their configuration. Pure; anon and tor read the same text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HOST = "127.0.0.1"
AUTHORITIES = ("a0", "a1", "a2")
RELAYS = ("r0", "r1", "r2")
EXITS = ("e0", "e1")
NODES = (*AUTHORITIES, *RELAYS, *EXITS)

# Hidden services count their time periods in voting rounds: with a first interval of another length they
# stayed unreachable for minutes in half of the starts.
_VOTING_S = 10

Role = Literal["authority", "relay", "exit"]

# What every node, and every client, has to know of a network whose relays all live at one address.
_LOOPBACK = (
    "TestingTorNetwork 1",
    "PathsNeededToBuildCircuits 0.67",
    "EnforceDistinctSubnets 0",
    "ClientRejectInternalAddresses 0",
    "ClientDNSRejectInternalAddresses 0",
    "ExtendAllowPrivateAddresses 1",
    "UseDefaultFallbackDirs 0",
    f"OutboundBindAddress {HOST}",
)

_AUTHORITY = (
    "AuthoritativeDirectory 1",
    "V3AuthoritativeDirectory 1",
    "ContactInfo nobody@test.invalid",
    "ExitPolicy reject *:*",
    f"TestingV3AuthInitialVotingInterval {_VOTING_S}",
    "TestingV3AuthInitialVoteDelay 2",
    "TestingV3AuthInitialDistDelay 2",
    f"V3AuthVotingInterval {_VOTING_S}",
    "V3AuthVoteDelay 2",
    "V3AuthDistDelay 2",
    "V3AuthNIntervalsValid 2",
    "TestingDirAuthVoteExit *",
    "TestingDirAuthVoteGuard *",
    "TestingDirAuthVoteHSDir *",
    "TestingMinExitFlagThreshold 0",
    "MinUptimeHidServDirectoryV2 0",
    "AuthDirMaxServersPerAddr 0",
    "ConsensusParams cc_alg=2",
)
_RELAY = ("ExitRelay 0", "ExitPolicy reject *:*")
_EXIT = (
    "ExitRelay 1",
    "IPv6Exit 0",
    "ExitPolicyRejectPrivate 0",
    "ExitPolicy accept *:*",
    "ServerDNSAllowBrokenConfig 1",
    "ServerDNSDetectHijacking 0",
    "ServerDNSTestAddresses",
)


@dataclass(frozen=True)
class Node:
    """One relay, with the ports it is to have."""

    name: str
    or_port: int
    dir_port: int = 0
    """0 for who is no authority."""

    @property
    def role(self) -> Role:
        """What it does in the network; its name begins with it."""
        return {"a": "authority", "r": "relay", "e": "exit"}[self.name[0]]


def config_lines(authority_lines: Sequence[str], empty: Path) -> tuple[str, ...]:
    """What a client or hidden service of the network needs; *empty* is an empty file, in place of a geoip."""
    return (*_LOOPBACK, f"GeoIPFile {empty}", f"GeoIPv6File {empty}", *authority_lines)


def node_lines(node: Node, folder: Path) -> tuple[str, ...]:
    """What *node* needs beside ``config_lines``; *folder* is the network's."""
    return (
        f"DataDirectory {folder / node.name}",
        f"Nickname {node.name}",
        f"Log notice file {folder / node.name / 'notice.log'}",
        "LogTimeGranularity 1",
        "SafeLogging 0",
        "ShutdownWaitLength 0",
        "SocksPort 0",
        f"Address {HOST}",
        f"ORPort {HOST}:{node.or_port} IPv4Only",
        "AssumeReachable 1",
        *((f"DirPort {HOST}:{node.dir_port}",) if node.dir_port else ()),
        *((f"ServerDNSResolvConfFile {folder / 'resolv.conf'}",) if node.role == "exit" else ()),
        *{"authority": _AUTHORITY, "relay": _RELAY, "exit": _EXIT}[node.role],
    )


def authority_line(node: Node, v3_identity: str, fingerprint: str) -> str:
    """How everybody is told of the authority *node*."""
    return (
        f"DirAuthority {node.name} orport={node.or_port} no-v2 v3ident={v3_identity} "
        f"{HOST}:{node.dir_port} {fingerprint}"
    )

"""Network namespaces of this test's own, and what runs and listens in them."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

_CLONE_NEWNET = 0x40000000
_ALL_PROTOCOLS = 0x0003
_IPV4 = b"\x08\x00"


class Namespace:
    """One machine. *name* is its namespace's."""

    def __init__(self, name: str) -> None:
        self.name = name

    def argv(self, *program: str) -> tuple[str, ...]:
        """*program* as it is started there."""
        return ("ip", "netns", "exec", self.name, *program)

    def ip(self, *words: str) -> None:
        """Set something up there."""
        subprocess.run(["ip", "-n", self.name, *words], check=True)

    def set(self, name: str, value: str) -> None:
        """Set one of the kernel's switches there."""
        subprocess.run(
            self.argv("sh", "-c", f"echo {value} > /proc/sys/{name.replace('.', '/')}"), check=True
        )

    def capture(self, interface: str) -> Capture:
        """Watch what comes to or leaves an interface, from now on."""
        made: list[socket.socket] = []

        def make() -> None:
            # A thread alone goes there; the socket stays there when it has ended.
            with Path("/run/netns", self.name).open("rb") as there:
                if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), _CLONE_NEWNET):
                    return
            watching = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL_PROTOCOLS))
            watching.bind((interface, 0))
            watching.setblocking(False)  # noqa: FBT003
            made.append(watching)

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        assert made, f"no way into the namespace {self.name}"
        return Capture(made[0])


class Capture:
    """A packet capture that only counts; of IPv4, since the machines here know no other."""

    def __init__(self, watching: socket.socket) -> None:
        self._watching = watching

    def count(self) -> int:
        """How many packets there were since the last call."""
        found = 0
        while True:
            try:
                frame = self._watching.recv(65536)
            except BlockingIOError:
                return found
            found += frame[12:14] == _IPV4

    def close(self) -> None:
        """Watch no more."""
        self._watching.close()


class Lab:
    """
    Three machines in a row: *studio* knows the way to *tunnel* alone, which knows the one to *backend*.

    Attributes:
        to_tunnel: Address of the studio towards the tunnel.
        tunnel_door: Address of the tunnel towards the studio.
        backend_address: Address of the backend.
    """

    to_tunnel = "10.213.1.1"
    tunnel_door = "10.213.1.2"
    backend_address = "10.213.2.2"

    def __init__(self, prefix: str) -> None:
        self.studio, self.tunnel, self.backend = (
            Namespace(f"{prefix}-{part}") for part in ("studio", "tunnel", "backend")
        )

    @property
    def all(self) -> Sequence[Namespace]:
        """Every machine."""
        return (self.studio, self.tunnel, self.backend)

    def make(self) -> None:
        """Make them, and the two lines between them."""
        for one in self.all:
            subprocess.run(["ip", "netns", "add", one.name], check=True)
            one.set("net.ipv6.conf.all.disable_ipv6", "1")
            one.ip("link", "set", "lo", "up")
        self.tunnel.set("net.ipv4.ip_forward", "0")
        self._line(self.studio, self.to_tunnel, self.tunnel, self.tunnel_door)
        self._line(self.tunnel, "10.213.2.1", self.backend, self.backend_address)

    def _line(self, one: Namespace, address: str, other: Namespace, its_address: str) -> None:
        one.ip(
            "link",
            "add",
            f"to-{other.name[-6:]}",
            "type",
            "veth",
            "peer",
            "name",
            "wire",
            "netns",
            other.name,
        )
        for end, name, mine in ((one, f"to-{other.name[-6:]}", address), (other, "wire", its_address)):
            end.ip("addr", "add", f"{mine}/24", "dev", name)
            end.ip("link", "set", name, "up")

    def open_leak(self) -> None:
        """A route around the tunnel: its machine forwards whatever comes."""
        self.tunnel.set("net.ipv4.ip_forward", "1")
        self.studio.ip("route", "add", "10.213.2.0/24", "via", self.tunnel_door)
        self.backend.ip("route", "add", "10.213.1.0/24", "via", "10.213.2.1")

    def close_leak(self) -> None:
        """As it was."""
        self.studio.ip("route", "del", "10.213.2.0/24")
        self.backend.ip("route", "del", "10.213.1.0/24")
        self.tunnel.set("net.ipv4.ip_forward", "0")

    def drop(self) -> None:
        """Make them go away, once nothing runs there any more."""
        for one in self.all:
            subprocess.run(["ip", "netns", "del", one.name], check=False)


@contextmanager
def laboratory() -> Generator[Lab]:
    """The machines while the block runs; skipped loudly where there may be none, and in CI a failure."""
    missing = ""
    if os.geteuid() != 0:
        missing = "it needs root"
    elif shutil.which("ip") is None:
        missing = "there is no ip (apt-get install iproute2)"
    elif subprocess.run(
        ["ip", "netns", "add", f"dr{os.getpid()}"], check=False, capture_output=True
    ).returncode:
        missing = "no network namespace can be made here"
    if missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"the leak test can't run: {missing}", pytrace=False)
        pytest.skip(f"*** LEAKS NOT TESTED: {missing}")
    subprocess.run(["ip", "netns", "del", f"dr{os.getpid()}"], check=True)
    lab = Lab(f"dr{os.getpid()}")
    try:
        lab.make()
        yield lab
    finally:
        lab.drop()

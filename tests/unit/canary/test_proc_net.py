"""The kernel's tables of sockets, read as they are printed."""

from __future__ import annotations

import pytest

from services.common.canary.proc_net import LISTENING, Socket, is_loopback, led_to, nameservers, parse

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(local: str, remote: str, state: str, inode: int) -> str:
    """A row as the kernel prints it."""
    queues = "00000000:00000000 00:00000000 00000000"
    return f"   0: {local} {remote} {state} {queues}     0        0 {inode} 1 0 100 0 0 10 0\n"


TCP = (
    HEAD + row("0100007F:2378", "00000000:0000", "0A", 111) + row("0200A8C0:A3F2", "0700000A:1FF8", "01", 222)
)
TCP6 = (
    HEAD
    + row("0000000000000000FFFF00000100007F:2378", "0000000000000000FFFF00000700000A:0050", "02", 333)
    + row("B80D0120000000000000000001000000:0001", "B80D0120000000000000000007000000:01BB", "01", 444)
)


def socket(local: tuple[str, int], remote: tuple[str, int], state: int = 1) -> Socket:
    return Socket(local=local, remote=remote, state=state, inode=1)


def test_addresses_are_read_in_the_kernels_order() -> None:
    """IPv4 as one word, IPv6 as four, each turned around; what is IPv4 inside IPv6 is IPv4."""
    listening, connected = parse(TCP)
    mapped, six = parse(TCP6)

    assert (("127.0.0.1", 9080), ("0.0.0.0", 0), LISTENING, 111) == (
        listening.local, listening.remote, listening.state, listening.inode
    )  # fmt: skip
    assert (("192.168.0.2", 41970), ("10.0.0.7", 8184)) == (connected.local, connected.remote)
    assert (("127.0.0.1", 9080), ("10.0.0.7", 80), 2) == (mapped.local, mapped.remote, mapped.state)
    assert (("2001:db8::1", 1), ("2001:db8::7", 443)) == (six.local, six.remote)


@pytest.mark.parametrize("broken", ["head\n 0: 0100007F:2378", "head\n 0: zz:1 zz:1 1 1 1 1 1 1 1 1"])
def test_what_is_no_table_is_refused(broken: str) -> None:
    """And not taken for one without sockets."""
    with pytest.raises(ValueError, match=r"."):
        parse(broken)


def test_only_what_this_process_opened_leads_somewhere() -> None:
    """Not what others opened to it, nor what listens, is over, or is not connected."""
    door = socket(("0.0.0.0", 9080), ("0.0.0.0", 0), LISTENING)
    rows = [
        door,
        socket(("10.0.0.1", 9080), ("10.0.0.2", 40000)),  # a renderer's, to our door
        socket(("10.0.0.1", 40001), ("10.0.0.9", 4222)),
        socket(("10.0.0.1", 40002), ("10.0.0.10", 8188), 2),  # SYN sent: an attempt leads there as well
        socket(("10.0.0.1", 40003), ("10.0.0.11", 8188), 6),  # over
        socket(("0.0.0.0", 5353), ("0.0.0.0", 0), 7),
    ]

    assert {("10.0.0.9", 4222), ("10.0.0.10", 8188)} == led_to(rows)
    assert {("10.0.0.2", 40000)} == led_to(rows[1:2])


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("10.0.0.1", False),
    ],
)
def test_loopback_is_this_machine(address: str, expected: bool) -> None:  # noqa: FBT001
    """In either protocol, and through the one into the other."""
    assert expected == is_loopback(address)


def test_nameservers_are_read() -> None:
    """Whatever else stands there."""
    text = "# comment\nsearch local\nnameserver 10.96.0.10\nnameserver fe80::1%eth0\nnameserver nonsense\n"

    assert {("10.96.0.10", 53), ("fe80::1", 53)} == nameservers(text)

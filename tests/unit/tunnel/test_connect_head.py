"""The head of a CONNECT request."""

from __future__ import annotations

import pytest

from services.tunnel.authority import Authority
from services.tunnel.connect_head import HEAD_MOST_BYTES, parse_head
from services.tunnel.errors import RouteRefusedError

LINE = "CONNECT bot.example:443 HTTP/1.1\r\n"


@pytest.mark.parametrize(
    "fields",
    [
        "",
        "Host: bot.example:443\r\n",
        "host: BOT.example\r\n",
        "Host:bot.example:443 \r\nUser-Agent: x/1 (y)\r\nProxy-Connection: keep-alive\r\nX:\r\n",
    ],
)
def test_the_target_is_what_the_request_line_says(fields: str) -> None:
    """Headers add nothing to it."""
    assert Authority(host="bot.example", port=443) == parse_head(f"{LINE}{fields}\r\n".encode())


@pytest.mark.parametrize(
    "line",
    [
        "GET / HTTP/1.1", "GET http://bot.example:443/ HTTP/1.1", "connect bot.example:443 HTTP/1.1",
        "CONNECT  bot.example:443 HTTP/1.1", "CONNECT bot.example:443 HTTP/1.1 ", "CONNECT bot.example:443",
        "CONNECT bot.example:443 HTTP/2", "CONNECT / HTTP/1.1", "CONNECT * HTTP/1.1",
        "CONNECT bot.example HTTP/1.1", "CONNECT http://bot.example:443 HTTP/1.1", "",
        "CONNECT bot.example:443\tHTTP/1.1", " CONNECT bot.example:443 HTTP/1.1",
        "CONNECT bot.example:443 HTTP/1.1\nX: y", "CONNECT bot.example:443\x00 HTTP/1.1",
    ],
)  # fmt: skip
def test_whatever_is_no_connect_is_refused(line: str) -> None:
    """This port serves one method in one spelling."""
    with pytest.raises(RouteRefusedError):
        parse_head(f"{line}\r\n\r\n".encode())


@pytest.mark.parametrize(
    "fields",
    [
        "Host: other.example\r\n", "Host: bot.example:80\r\n", "Host: bot.example:443, other.example\r\n",
        "Host: bot.example:443\r\nHost: other.example:443\r\n", "Host:\r\n",
        "Content-Length: 0\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
        "transfer-encoding : chunked\r\n", "Upgrade: websocket\r\n", "Expect: 100-continue\r\n",
        " folded: x\r\n", "X: y\r\n folded\r\n", "no colon\r\n", "X y: z\r\n", "X: a\nY: b\r\n",
        "X: a\rY: b\r\n", "X: \x00\r\n", "X: caf\u00e9\r\n", "\r\n",
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused(fields: str) -> None:
    """Another host, a body, folded or broken lines: the ways in which a second request is smuggled."""
    with pytest.raises(RouteRefusedError):
        parse_head(f"{LINE}{fields}\r\n".encode())


def test_a_head_is_small() -> None:
    """Nobody needs more."""
    with pytest.raises(RouteRefusedError, match=str(HEAD_MOST_BYTES)):
        parse_head(f"{LINE}X: {'y' * HEAD_MOST_BYTES}\r\n\r\n".encode())

"""Headers that pass, each way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from services.tunnel.headers import from_browser, to_backend, to_client

TELLING = """
    Origin Referer Cookie Authorization Proxy-Authorization User-Agent Accept-Language Forwarded
    X-Forwarded-For X-Forwarded-Host X-Real-IP Via Host Darkroom-Chain Traceparent DNT From
    Connection Keep-Alive TE Trailer Transfer-Encoding Upgrade Set-Cookie Server Location
    Access-Control-Allow-Origin X-Powered-By
"""


@given(st.sampled_from(TELLING.split()), st.sampled_from([str.lower, str.upper, str.title]))
def test_telling_headers_pass_neither_way(name: str, case: Callable[[str], str]) -> None:
    """Hop-by-hop headers and those that say who somebody is are gone, in any case."""
    headers = CIMultiDict({case(name): "x"})

    assert not to_backend(headers)
    assert not to_client(headers)


def test_what_an_exchange_needs_passes() -> None:
    """Ranges, validators and types pass unchanged."""
    asked = CIMultiDict(
        {"Range": "bytes=5-", "If-None-Match": '"e"', "Content-Type": "multipart/form-data; boundary=b"}
    )
    answered = CIMultiDict({"Content-Range": "bytes 5-9/10", "ETag": '"e"', "Content-Length": "5"})

    assert asked == to_backend(asked)
    assert answered == to_client(answered)


def test_connection_names_more_that_end_here() -> None:
    """A header that Connection names is hop-by-hop, whatever it is."""
    headers = CIMultiDict(
        [("Connection", "close, Range"), ("Connection", "etag"), ("Range", "bytes=0-"), ("ETag", "x")]
    )

    assert not to_backend(headers)
    assert not to_client(headers)


@pytest.mark.parametrize(
    ("headers", "websocket", "browser"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, False, True),
        ({"Sec-Fetch-Site": "same-origin"}, True, True),
        ({"Origin": "http://evil.example"}, True, True),
        ({"Origin": "http://evil.example"}, False, False),
        ({}, True, False),
    ],
)
def test_pages_are_known(headers: dict[str, str], *, websocket: bool, browser: bool) -> None:
    """Every browser marks its requests, and every WebSocket of a page carries an Origin."""
    assert browser is from_browser(CIMultiDict(headers), websocket=websocket)

"""Who a request comes from and whom it asks for, by its headers."""

from __future__ import annotations

import pytest

from services.ingress.web.origin import is_by_our_page, is_our_host, may_withhold_cookie

ALLOWED = frozenset({"darkroom.example", "abc.anon"})


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "localhost:8080",
            "LocalHost",
            "localhost.",
            "x.localhost:1",
            "127.0.0.1",
            "127.1.2.3:80",
        ),
        *("[::1]", "[::1]:8080", "darkroom.example", "DARKROOM.example:443", "abc.anon"),
    ],
)
def test_loopback_and_configured_names_are_ours(host: str) -> None:
    """With any port, in any case."""
    assert is_our_host(host, ALLOWED)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            ":80",
            "example",
            "evil.example",
            "localhost.evil.example",
            "notlocalhost",
            "0.0.0.0",
            "10.0.0.1",
        ),
        *("[::2]", "[::1", "127.0.0.1.evil.example", "evil.example/localhost", "localhost@evil.example"),
        *("xdarkroom.example", "darkroom.example.evil", "darkroom.example@evil.example"),
    ],
)
def test_other_names_are_not(host: str) -> None:
    """However much they look like ours."""
    assert not is_our_host(host, ALLOWED)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://abc.anon"}, False),
        ({"Origin": "http://abc.anon"}, True),
        ({"Origin": "http://ABC.anon"}, True),
        ({"Origin": "http://abc.anon:81"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://[bad"}, False),
        ({}, True),
    ],
)
def test_only_our_own_page_may_change_something(headers: dict[str, str], ours: bool) -> None:  # noqa: FBT001 - a table's column
    """The browser's own word decides, then the origin; without either it is no browser."""
    assert ours is is_by_our_page(headers, "abc.anon")


@pytest.mark.parametrize(
    ("headers", "withheld"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Accept": "text/html"}, True),
        ({"Sec-Fetch-Site": "none", "Accept": "text/html"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}, False),
        ({"Accept": "text/html,*/*;q=0.8"}, True),
        ({"Accept": "*/*"}, False),
        ({}, False),
    ],
)
def test_a_strict_cookie_may_have_stayed_at_home(headers: dict[str, str], withheld: bool) -> None:  # noqa: FBT001 - a table's column
    """After a link on another site, and wherever the browser does not say where the click was."""
    assert withheld is may_withhold_cookie(headers)

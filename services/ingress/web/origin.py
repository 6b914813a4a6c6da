"""Who a request says it comes from, and whom it asks for. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

_OWN_SITES = frozenset({"same-origin", "none"})


def is_our_host(host: str, allowed: frozenset[str]) -> bool:
    """
    Whether a ``Host`` header means this page.

    A page of someone else's whose name was made to resolve to this machine ("DNS rebinding") is
    same-origin to the browser; only the name it asks for gives it away.
    """
    name = _host_name(host)
    return name in allowed or _is_loopback(name)


def is_by_our_page(headers: Mapping[str, str], host: str) -> bool:
    """
    Whether a request that changes something was made by our own page, or by no page at all.

    Browsers say so in ``Sec-Fetch-Site``, which no page can set, but leave it out on plain http other than
    loopback (where hidden services live); there they send ``Origin`` with every POST. What sends neither
    is no browser, so it holds no cookie that somebody else could make it use.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site.lower() in _OWN_SITES
    origin = headers.get("Origin")
    return origin is None or _authority(origin) == host.lower()


def may_withhold_cookie(headers: Mapping[str, str]) -> bool:
    """
    Whether the browser may have a cookie that it does not send with this request.

    A ``SameSite=Strict`` cookie stays at home when a link on another site leads here. A new cookie in
    the answer would replace it: the person's session would be gone by one click.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site.lower() == "cross-site"
    return "text/html" in headers.get("Accept", "")


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")

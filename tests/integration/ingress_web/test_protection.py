"""What keeps other sites, other hosts and other people out."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from services.common.keys import Keyring
from services.ingress.web.headers import PROTECTION
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.running import serving
from tests.integration.ingress_web.visiting import Visit, png
from tests.servers import NatsServer


async def test_every_response_carries_the_protection(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """Each route, done or not done."""
    image = (await orchestrator.keep(visit.session_id, png())).image_id
    async with visit.events() as stream:
        answers = [
            stream.response,
            await visit.get("/"),
            await visit.get("/static/app.js"),
            await visit.get("/static/none.js"),
            await visit.get(f"/media/{image}"),
            await visit.get("/media/none"),
            await visit.get("/none"),
            await visit.get("/say"),
            await visit.say("/f a cat"),
            await visit.say(" "),
            await visit.press(),
            await visit.get("/", headers={"Host": "evil.example"}),
        ]

    assert [200, 200, 200, 404, 200, 404, 404, 405, 202, 400, 202, 421] == [
        answer.status for answer in answers
    ]
    assert [PROTECTION] * len(answers) == [
        {name: answer.headers.get(name) for name in PROTECTION} for answer in answers
    ]


async def test_the_policy_allows_the_page_itself_and_nothing_else(visit: Visit) -> None:
    """The page's own files, blobs for previews, no frames, no other site."""
    policy = (await visit.get("/")).headers["Content-Security-Policy"]

    assert (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ) == policy


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
    ids=str,
)
async def test_another_sites_page_changes_nothing(
    visit: Visit, orchestrator: FakeOrchestrator, headers: dict[str, str]
) -> None:
    """403, even with the person's cookie: from another site, another port, nowhere."""
    pressed = await visit.post("/press", json={}, headers=headers)
    said = await visit.post("/say", data={"text": "/f a cat"}, headers=headers)
    followed = await visit.get("/events", headers=headers)

    assert [403] * 3 == [pressed.status, said.status, followed.status]
    assert [] == orchestrator.heard


async def test_our_own_page_is_let_in(visit: Visit) -> None:
    """By the browser's word, or where it has none by the origin."""
    by_word = await visit.post("/press", json={}, headers={"Sec-Fetch-Site": "same-origin"})
    by_origin = await visit.post("/press", json={}, headers={"Origin": visit.url})

    assert [400, 400] == [by_word.status, by_origin.status]


async def test_the_cookie_is_for_this_browser_and_this_page_alone(visit: Visit) -> None:
    """No script sees it, no other site's link sends it, it lasts a year."""
    visit.http.cookie_jar.clear()
    header = (await visit.get("/")).headers["Set-Cookie"]

    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=31536000"} <= set(header.split("; "))
    assert "Secure" not in header


async def test_a_session_that_is_known_keeps_its_cookie(visit: Visit) -> None:
    """The page is opened again without a new cookie."""
    before = visit.cookie.value
    response = await visit.get("/")

    assert "Set-Cookie" not in response.headers
    assert before == visit.cookie.value


@pytest.mark.parametrize("change", ["other id", "other signature", "no signature", "nonsense"])
async def test_a_forged_cookie_gets_a_new_session(
    visit: Visit, orchestrator: FakeOrchestrator, change: str
) -> None:
    """Neither another session nor one of the forger's choice; and until then, nothing at all."""
    session, signature = visit.cookie.value.split(".")
    forged = {
        "other id": f"{'0' * 32}.{signature}",
        "other signature": f"{session}.{'0' * 64}",
        "no signature": session,
        "nonsense": "x" * 3000,
    }[change]
    mine = visit.session_id
    image = (await orchestrator.keep(mine, png())).image_id
    visit.http.cookie_jar.update_cookies({visit.cookie.key: forged}, URL(visit.url))
    picture, said = await visit.get(f"/media/{image}"), await visit.say("/f a cat")
    await visit.get("/")

    assert [401, 401] == [picture.status, said.status]
    assert visit.session_id != mine
    assert 404 == (await visit.get(f"/media/{image}")).status


async def test_a_link_from_another_site_does_not_replace_the_session(visit: Visit) -> None:
    """The browser withholds a Strict cookie then; a new one would cost the person all their pictures."""
    visit.http.cookie_jar.clear()
    linked = await visit.get("/", headers={"Sec-Fetch-Site": "cross-site"})
    # Plain http other than loopback, where browsers do not say where they come from.
    unsaid = await visit.get("/", headers={"Accept": "text/html,application/xhtml+xml"})
    typed = await visit.get("/", headers={"Sec-Fetch-Site": "none"})

    assert [False, False, True] == ["Set-Cookie" in answer.headers for answer in (linked, unsaid, typed)]


async def test_other_hosts_are_misdirected(visit: Visit) -> None:
    """A name that was made to resolve here (DNS rebinding) is not this page's."""
    for host in ("evil.example", "evil.example:8080", "10.0.0.1", "localhost.evil.example", ""):
        assert 421 == (await visit.get("/", headers={"Host": host})).status
    for host in ("localhost", "LOCALHOST:1", "[::1]:8080", "127.0.0.2", "darkroom.localhost"):
        assert 200 == (await visit.get("/", headers={"Host": host})).status


async def test_configured_hosts_and_proxies_are_believed(
    nats: NatsServer, orchestrator: FakeOrchestrator, key_file: Path, keyring: Keyring
) -> None:
    """DARKROOM_WEB_HOSTS names more hosts; behind a proxy the cookie is Secure when the proxy says https."""
    hosts = {"DARKROOM_WEB_HOSTS": "Darkroom.example, abc.anon", "DARKROOM_WEB_BEHIND_PROXY": "true"}
    async with (
        serving(nats, key_file, **hosts) as running,
        aiohttp.ClientSession() as http,
    ):
        async with http.get(
            running.url, headers={"Host": "darkroom.example", "X-Forwarded-Proto": "https"}
        ) as named:
            pass
        async with http.get(running.url, headers={"Host": "other.example"}) as other:
            pass

    assert [200, 421] == [named.status, other.status]
    assert "Secure" in named.headers["Set-Cookie"].split("; ")


async def test_the_page_as_a_hidden_service(
    nats: NatsServer, orchestrator: FakeOrchestrator, key_file: Path, keyring: Keyring
) -> None:
    """
    Who comes by another way is told where the hidden service is; who is there is not, and keeps a session.

    Its cookie is not Secure, whatever a visitor says of a proxy: over plain http it would not come back.
    """
    onion = f"{'a' * 56}.anon"
    settings = {"DARKROOM_WEB_ONION": onion, "DARKROOM_WEB_BEHIND_PROXY": "true"}
    https = {"X-Forwarded-Proto": "https"}
    async with (
        serving(nats, key_file, **settings) as running,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        async with http.get(running.url, headers=https) as elsewhere:
            pass
        async with http.get(running.url, headers={"Host": onion, **https}) as there:
            pass
        async with http.get(f"{running.url}/static/app.js") as script:
            pass
        cookie = there.headers["Set-Cookie"].partition(";")[0]
        async with http.post(
            f"{running.url}/press",
            json={},
            headers={"Host": onion, "Origin": f"http://{onion}", "Cookie": cookie},
        ) as pressed:
            pass

    assert f"http://{onion}/" == elsewhere.headers["Onion-Location"]
    assert "Secure" in elsewhere.headers["Set-Cookie"].split("; ")
    assert 200 == there.status
    assert "Onion-Location" not in there.headers
    assert "Secure" not in there.headers["Set-Cookie"].split("; ")
    assert "Onion-Location" not in script.headers
    assert 400 == pressed.status  # not 401 or 403: it is known who asks, and that our page does


async def test_without_a_proxy_its_header_means_nothing(visit: Visit) -> None:
    """Anybody can send X-Forwarded-Proto."""
    visit.http.cookie_jar.clear()
    response = await visit.get("/", headers={"X-Forwarded-Proto": "https"})

    assert "Secure" not in response.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "path",
    ["/static/../config.py", "/static/%2e%2e/texts.py", "/static/..%2ftexts.py", "/static/index.html/x"],
)
async def test_only_the_pages_files_are_served(visit: Visit, path: str) -> None:
    """Names are looked up, never joined to a folder."""
    async with visit.http.get(URL(visit.url + path, encoded=True)) as response:
        assert 404 == response.status


async def test_assets_are_asked_for_again_but_not_sent_again(visit: Visit) -> None:
    """The right types, and 304 for what the browser has."""
    script, style = await visit.get("/static/app.js"), await visit.get("/static/app.css")
    again = await visit.get("/static/app.js", headers={"If-None-Match": script.headers["ETag"]})

    assert "text/javascript; charset=utf-8" == script.headers["Content-Type"]
    assert "text/css; charset=utf-8" == style.headers["Content-Type"]
    assert "no-cache" == script.headers["Cache-Control"]
    assert (304, b"") == (again.status, again.body)

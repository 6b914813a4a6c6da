"""The allow-list: what passes, and that nothing else does, however it is spelled."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from services.tunnel.backends import Backend
from services.tunnel.errors import RouteRefusedError
from services.tunnel.routes import ROUTES, find_passage
from services.tunnel.target import parse_target

BACKEND = Backend(name="one", host="127.0.0.1", port=8188)
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "get"]

# Written out once more, by hand: what a backend may be asked.
ALLOWED = re.compile(
    r"GET /(ws|prompt|queue|history|view|system_stats|features|object_info|models)"
    r"|GET /history/[\w-]+|GET /models/[\w.-]+|GET /object_info/[^/\\%]+|HEAD /view"
    r"|POST /(upload/image|prompt|queue|history|interrupt|free)"
    r"|GET /darkroom/host|POST /darkroom/purge"
)


def passed(method: str, raw: str) -> str:
    """The URL that *raw* leads to."""
    target = parse_target(raw)
    return find_passage(BACKEND, method, target.segments[1:], target.query).url


@pytest.mark.parametrize(
    ("method", "raw", "url"),
    [
        ("GET", "/one/ws?clientId=ab-12", "/ws?clientId=ab-12"),
        ("POST", "/one/upload/image", "/upload/image"),
        ("GET", "/one/prompt", "/prompt"),
        ("POST", "/one/prompt", "/prompt"),
        ("GET", "/one/queue", "/queue"),
        ("POST", "/one/queue", "/queue"),
        ("GET", "/one/history?max_items=5", "/history?max_items=5"),
        ("GET", "/one/history/0b2e-4f", "/history/0b2e-4f"),
        ("POST", "/one/history", "/history"),
        (
            "GET",
            "/one/view?filename=a+b.png&type=output&subfolder=",
            "/view?filename=a%20b.png&type=output&subfolder=",
        ),
        (
            "HEAD",
            "/one/view?filename=%D1%84%2Fx&preview=webp;50",
            "/view?filename=%D1%84%2Fx&preview=webp%3B50",
        ),
        ("POST", "/one/interrupt", "/interrupt"),
        ("POST", "/one/free", "/free"),
        ("GET", "/one/system_stats", "/system_stats"),
        ("GET", "/one/features", "/features"),
        ("GET", "/one/object_info", "/object_info"),
        ("GET", "/one/object_info/KSampler%20(Efficient)", "/object_info/KSampler%20%28Efficient%29"),
        ("GET", "/one/models", "/models"),
        ("GET", "/one/darkroom/host", "/darkroom/host"),
        ("POST", "/one/darkroom/purge", "/darkroom/purge"),
        ("GET", "/one/models/text_encoders", "/models/text_encoders"),
    ],
)
def test_what_darkroom_uses_passes(method: str, raw: str, url: str) -> None:
    """Each route passes, its target written anew."""
    assert BACKEND.origin + url == passed(method, raw)


@pytest.mark.parametrize(
    ("method", "raw"),
    [
        ("POST", "/one/api/prompt"),
        ("GET", "/one/darkroom/purge"),
        ("POST", "/one/darkroom/host"),
        ("GET", "/one/darkroom"),
        ("GET", "/one/userdata"),
        ("GET", "/one/embeddings"),
        ("POST", "/one/upload/mask"),
        ("GET", "/one/upload/image"),
        ("HEAD", "/one/queue"),
        ("DELETE", "/one/history/1"),
        ("OPTIONS", "/one/prompt"),
        ("GET", "/one/Prompt"),
        ("GET", "/one/prompt/"),
        ("GET", "/one//prompt"),
        ("GET", "//one/prompt"),
        ("GET", "/one/api/../prompt"),
        ("GET", "/one/../two/prompt"),
        ("GET", "/one/history/.."),
        ("GET", "/one/history/%2e%2e"),
        ("GET", "/one/history/%2e%2e%2fuserdata"),
        ("GET", "/one/history/a%2Fb"),
        ("GET", "/one/history/a%252Fb"),
        ("GET", "/one/object_info/.."),
        ("GET", "/one/object_info/%2e"),
        ("GET", "/one/object_info/..%5cx"),
        ("GET", "/one/object_info/a%00b"),
        ("GET", "/one/object_info/%ff"),
        ("GET", "/one/models/.hidden"),
        ("GET", "http://evil.example/one/prompt"),
        ("GET", "http://127.0.0.1:8188/prompt"),
        ("GET", "/one/prompt#x"),
        ("GET", "/one\\prompt"),
        ("GET", "*"),
        ("GET", "/"),
        ("GET", ""),
        ("GET", "/one"),
    ],
)
def test_everything_else_is_refused(method: str, raw: str) -> None:
    """Off the list by route, method, case or spelling."""
    with pytest.raises(RouteRefusedError):
        passed(method, raw)


@pytest.mark.parametrize(
    "query",
    [
        "filename=a&path=/etc/passwd",
        "filename=a&filename=b",
        "Filename=a",
        "filename=a%0d%0aX:y",
        "filename=%ff",
        "filename=a#b",
        "%66ilename=a&filename=b",
    ],
)
def test_query_names_are_listed_and_single(query: str) -> None:
    """A name off the list, a name twice, or a value that is no clean text is refused."""
    with pytest.raises(RouteRefusedError):
        passed("GET", f"/one/view?{query}")


def test_every_route_is_reached_by_its_own_path() -> None:
    """No line of the list is shadowed by one above it."""
    for route in ROUTES:
        found = find_passage(BACKEND, route.method, tuple(re.sub("[{}]", "", route.path)[1:].split("/")), ())

        assert route is found.route


PIECES = r"""
    / // .. . %2e %2F %5c %25 %252f \ ; # ? @ %00 api one prompt PROMPT history view userdata
    object_info models upload image ws darkroom host purge http: evil.example %70rompt & = filename clientId ф
"""
WORDS = st.lists(st.sampled_from([*PIECES.split(), " "]), max_size=8)
TARGETS = st.one_of(
    st.text(),
    WORDS.map("".join),
    WORDS.map("".join).map("/one/{}".format),
    WORDS.map("/".join).map("/one/{}".format),
    WORDS.map("".join).map("/one/object_info/{}".format),
)


@given(st.sampled_from(METHODS), TARGETS)
@example("GET", "/one/history/..%2f..%2fuserdata")
@example("GET", "http://evil.example/one/prompt")
def test_no_trick_leads_off_the_list(method: str, raw: str) -> None:
    """Whatever passes is asked of this backend, on a listed path, however often it is decoded there."""
    try:
        url = passed(method, raw)
    except RouteRefusedError:
        return

    read = URL(url, encoded=True)
    path = unquote(read.raw_path)
    assert BACKEND.origin == str(read.origin())
    assert "" == read.raw_fragment
    assert ALLOWED.fullmatch(f"{method} {path}")
    assert path == posixpath.normpath(unquote(path))

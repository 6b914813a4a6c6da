"""What an operator reads of the tunnel."""

from __future__ import annotations

import msgspec

from services.cli.tunnel_words import Status, Trouble, Verdict, words
from services.tunnel.anon import life as lives
from services.tunnel.anon.flavour import Flavour
from services.tunnel.anon.life import Life
from services.tunnel.anon.report import Circuit, Relay, Report, Stream

FLAVOUR = Flavour(program="anon", version="0.4.9.11-live", tld="anon")
UP = Life(phase="up", percent=100, summary="Done", reason="", generation=1)
RELAYS = (
    Relay(fingerprint="A" * 40, nickname="first", country="de"),
    Relay(fingerprint="B" * 40, nickname="second", country="nl"),
    Relay(fingerprint="C" * 40, nickname="", country=""),
)
REPORT = Report(
    program="anon",
    version="0.4.9.11-live",
    phase="up",
    percent=100,
    summary="Done",
    reason="",
    generation=1,
    circuits=(
        Circuit(id="7", status="BUILT", purpose="HS_CLIENT_REND", relays=RELAYS),
        Circuit(id="8", status="LAUNCHED", purpose="SOMETHING_NEW", relays=()),
    ),
    streams=(Stream(id="1", status="SUCCEEDED", circuit="7"),),
    read_bytes=3 * 1024 * 1024,
    written_bytes=512 * 1024,
)


def said(status: Status) -> list[str]:
    """The lines."""
    return list(words(status))


def test_a_tunnel_that_is_up_shows_its_circuits() -> None:
    """With relays and countries as far as known, what they are for, and what they carry."""
    shown = said(Status(mode="anon", flavour=FLAVOUR, life=UP, kept=1, report=REPORT))

    assert [
        "The tunnel is up: anon 0.4.9.11-live, 100 % (Done).",
        "2 circuits, 1 kept for image chains; 1 stream.",
        "3.0 MiB read and 0.5 MiB written since anon was started.",
        "CIRCUIT  STATE     STREAMS  FOR                  RELAYS, FROM HERE OUTWARDS",
        "7        built     1        to a hidden service  first (de) > second (nl) > CCCCCCCC (?)",
        "8        launched  0        something_new        none yet",
    ] == shown


def test_a_tunnel_that_is_not_up_says_why() -> None:
    """In anon's own words how far it is; there is nothing to report then."""
    life = lives.observed(lives.started(Life()), 45, "Asking for relay descriptors", has_circuit=False)

    (line,) = said(Status(mode="anon", flavour=FLAVOUR, life=life))

    assert line.startswith("The tunnel is not up: anon 0.4.9.11-live, anon is connecting to the network")
    assert line.endswith("(45 %: Asking for relay descriptors).")


def test_without_a_network_there_is_no_tunnel() -> None:
    """And it is not taken for one that is up."""
    status = Status(mode="direct", backends={"gpu": None})

    assert not status.is_up
    assert [True] == ["DARKROOM_TUNNEL=direct" in line for line in said(status)]


def test_troubles_and_verdicts_are_told() -> None:
    """The last of each backend and of each position from which ways around are tried."""
    status = Status(
        mode="anon",
        backends={"gpu": Trouble(code="backend-refused", error="It is off.", at=0.0), "well": None},
        egress={"renderer": Verdict(verdict="verified", at=60.0), "tunnel": Verdict(verdict="x", reason="y")},
    )

    assert [
        "Backend gpu had its last trouble 1970-01-01 00:00 UTC: It is off. (backend-refused)",
        "Ways around it, tried from the renderer 1970-01-01 00:01 UTC: verified",
        "Ways around it, tried from the tunnel 1970-01-01 00:00 UTC: x, y",
    ] == said(status)[1:]


def test_more_than_is_known_is_passed_over() -> None:
    """A tunnel of a later version is understood as far as it goes."""
    answer = msgspec.to_builtins(Status(mode="anon", flavour=FLAVOUR, life=UP, report=REPORT)) | {"new": 1}

    assert msgspec.convert(answer, Status).is_up

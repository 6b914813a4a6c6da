"""Whether the network knows an address."""

from __future__ import annotations

from services.tunnel.host.publication import Publication


def test_published_by_the_first_upload() -> None:
    """Only an upload that a relay took, of an address of ours, publishes; the first one is told."""
    publication = Publication(["aa.anon"])

    assert not publication.heard("UPLOAD", "aa", "$1")
    assert not publication.heard("FAILED", "aa", "$1")
    assert not publication.heard("UPLOADED", "bb", "$1")
    assert ["aa"] == publication.missing()
    assert publication.heard("UPLOADED", "aa", "$1")
    assert not publication.heard("UPLOADED", "aa", "$2")
    assert publication.is_published("aa.anon")
    assert [] == publication.missing()


def test_a_new_process_publishes_anew() -> None:
    """What another process uploaded leads to introduction points that are gone."""
    publication = Publication(["aa.anon"])
    publication.heard("UPLOADED", "aa", "$1")
    publication.begin(["aa.anon"])

    assert not publication.is_published("aa.anon")

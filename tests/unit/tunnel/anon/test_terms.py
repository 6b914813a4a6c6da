from __future__ import annotations

from pathlib import Path

import pytest

from services.common.errors import ConfigError
from services.tunnel.anon import terms
from services.tunnel.anon.flavour import Flavour

ANON = Flavour(program="anon", version="0.4.9.11-live", tld="anon")
TOR = Flavour(program="tor", version="0.4.9.11", tld="onion")


def test_nothing_agrees_by_itself(tmp_path: Path) -> None:
    """Neither an empty setting nor an empty folder is an agreement; only yes and the act are."""
    assert not terms.is_agreed("", tmp_path)
    assert not terms.is_agreed("no", tmp_path)
    assert not terms.is_agreed("1", tmp_path)
    assert terms.is_agreed("yes", tmp_path)
    terms.agree(tmp_path)
    assert terms.is_agreed("", tmp_path)


def test_what_who_did_not_agree_reads() -> None:
    """Where the terms are to be read, and both ways to agree."""
    with pytest.raises(ConfigError) as caught:
        terms.require(ANON, agreed=False)

    words = ["https://www.anyone.io/terms", "tunnel install --agree-to-terms", "ANON_AGREE_TO_TERMS=yes"]
    assert [] == [word for word in words if word not in str(caught.value)]


def test_tor_has_no_terms() -> None:
    """Nobody has to agree to anything for tor."""
    terms.require(TOR, agreed=False)
    terms.require(ANON, agreed=True)

"""``DARKROOM_CANARY``."""

from __future__ import annotations

import pytest

from services.common.canary.settings import parse_outside
from services.common.errors import ConfigError


def test_addresses_outside_are_read() -> None:
    """Several, in either protocol; none when it is empty."""
    assert (("192.0.2.7", 8188), ("2001:db8::7", 1)) == parse_outside("192.0.2.7:8188, [2001:db8::7]:1,")
    assert () == parse_outside("")


@pytest.mark.parametrize(
    "wrong",
    ["gpu:8188", "192.0.2.7", "192.0.2.7:0", "192.0.2.7:65536", "2001:db8::7:1", "[192.0.2.7]:1", ":1", "a"],
)
def test_anything_else_is_refused_with_the_remedy(wrong: str) -> None:
    """A name among them: to look it up might tell what must not be told."""
    with pytest.raises(ConfigError, match=r"DARKROOM_CANARY.*ip:port"):
        parse_outside(wrong)

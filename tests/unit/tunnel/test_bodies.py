"""Small bodies that could hit other people's work."""

from __future__ import annotations

import json

import pytest

from services.tunnel.bodies import checked_body
from services.tunnel.errors import BodyRefusedError
from services.tunnel.routes import Body

PROMPT = "0b9c4f0e-3a55-4a07-9d2a-2f0e4bb7a001"
INPUT = f"darkroom-{'0a' * 32}.png"
PURGE = b'{"prompt_id": "' + PROMPT.encode() + b'", "inputs": ["%s"]}'


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        (Body.DELETE, {"delete": ["a", "b"]}),
        (Body.DELETE, {"delete": []}),
        (Body.INTERRUPT, {"prompt_id": "a"}),
        (Body.PURGE, {"prompt_id": PROMPT, "inputs": []}),
        (Body.PURGE, {"prompt_id": PROMPT, "inputs": [INPUT, INPUT.replace(".png", " (1).png")]}),
    ],
)
def test_named_work_may_be_touched(rule: Body, body: dict[str, object]) -> None:
    """Deleting by id and interrupting one prompt pass."""
    assert body == json.loads(checked_body(rule, json.dumps(body, indent=2).encode()))


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        (Body.DELETE, b'{"clear": true}'),
        (Body.DELETE, b'{"delete": ["a"], "clear": true}'),
        (Body.DELETE, b'{"delete": ["a"], "cle\\u0061r": true}'),
        (Body.DELETE, b"{}"),
        (Body.DELETE, b'{"delete": "a"}'),
        (Body.DELETE, b'{"delete": [1]}'),
        (Body.INTERRUPT, b""),
        (Body.INTERRUPT, b"{}"),
        (Body.INTERRUPT, b'{"prompt_id": ""}'),
        (Body.INTERRUPT, b'{"prompt_id": null}'),
        (Body.INTERRUPT, b'{"prompt_id": ["a"]}'),
        (Body.INTERRUPT, b"[]"),
        (Body.INTERRUPT, b"\xff"),
        (Body.INTERRUPT, b'{"prompt_id": "a"} x'),
        (Body.PURGE, b"{}"),
        (Body.PURGE, b'{"prompt_id": "a", "inputs": []}'),
        (Body.PURGE, PURGE % (b"../" + INPUT.encode())),
        (Body.PURGE, PURGE % b"owners.png"),
        (Body.PURGE, PURGE % b"darkroom-x.png"),
        (Body.PURGE, PURGE % (INPUT.encode() + b"\\n")),
        (Body.PURGE, PURGE % (b"sub/" + INPUT.encode())),
        (Body.PURGE, PURGE.replace(b"inputs", b"files") % INPUT.encode()),
        (Body.PURGE, PURGE % b'", "'.join([INPUT.encode()] * 65)),
    ],
)
def test_everyones_work_may_not(rule: Body, data: bytes) -> None:
    """Clearing, interrupting whatever runs, and what is no such JSON are refused."""
    with pytest.raises(BodyRefusedError):
        checked_body(rule, data)


def test_one_reading_of_a_repeated_key() -> None:
    """What goes out is what was checked: a key given twice leaves once."""
    passed = checked_body(Body.INTERRUPT, b'{"prompt_id": "a", "prompt_id": "b"}')

    assert 1 == passed.count(b"prompt_id")

"""What a command takes, in the words of help, menu and page."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from services.ingress.takes import described, parameters, shape, takes_of
from tests import builders


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, "words"),
        ({"kind": "video"}, "words"),
        ({"kind": "edit", "inputs_min": 1, "inputs_max": 3}, "1 to 3 pictures and what to change"),
        ({"kind": "edit", "inputs_min": 1, "inputs_max": 1}, "a picture and what to change"),
        ({"kind": "edit", "inputs_min": 2, "inputs_max": 2, "takes_prompt": False}, "2 pictures"),
        ({"kind": "edit", "inputs_min": 1, "inputs_max": 1, "takes_prompt": False}, "a picture"),
        ({"kind": "video", "inputs_max": 1}, "a picture if you like and words"),
        ({"inputs_max": 3}, "up to 3 pictures and words"),
        ({"takes_prompt": False}, "nothing else"),
    ],
)
def test_shape(changed: dict[str, Any], told: str) -> None:
    """Pictures first, as they are sent."""
    assert told == shape(takes_of(replace(builders.SPEC, **changed)))


def test_parameters_are_told_as_they_are_typed() -> None:
    """Each once, in the order of the list of all."""
    assert "--size --steps -n" == parameters(builders.SPEC.bounds)
    assert "--seed --cfg" == parameters(("cfg", "seed", "fps"))
    assert "" == parameters(())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, "a picture from words · --seed --size --steps -n"),
        ({"takes_negative": True}, "a picture from words · --seed --size --steps --neg -n"),
        ({"kind": "video", "bounds": {}}, "a video from words · --seed"),
        ({"kind": "audio", "bounds": {}, "takes_seed": False}, "a sound from words"),
        (
            {
                "kind": "edit",
                "bounds": {},
                "inputs_min": 1,
                "inputs_max": 1,
                "takes_prompt": False,
                "takes_seed": False,
            },
            "a changed picture from a picture",
        ),
        ({"takes_prompt": False, "takes_seed": False, "bounds": {}}, "a picture"),
    ],
)
def test_described(changed: dict[str, Any], told: str) -> None:
    """What comes of it, what it takes, and its parameters."""
    assert told == described(replace(builders.SPEC, **changed))

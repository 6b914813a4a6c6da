"""Which files are Darkroom's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.tunnel.host.naming import Made, began_at, digest_of, digests_in, made_in_history, prompt_of

PROMPT = "0b9c4f0e-3a55-4a07-9d2a-2f0e4bb7a001"
DIGEST = "0a" * 32


@pytest.mark.parametrize(
    "name",
    [
        f"darkroom-{PROMPT}_00001_.png",
        f"darkroom-{PROMPT}.mp4",
        f"darkroom-{PROMPT}",
        f"darkroom-{PROMPT}_-audio.mp4",
    ],
)
def test_made_by_a_prompt(name: str) -> None:
    """Whatever ComfyUI or an extension appends, the stem tells the prompt."""
    assert PROMPT == prompt_of(name)


@pytest.mark.parametrize(
    "name",
    [
        f"darkroom-{PROMPT}0_00001_.png",
        f"darkroom-{PROMPT}-other.png",
        f"my darkroom-{PROMPT}_00001_.png",
        f"DARKROOM-{PROMPT}.png",
        f"darkroom-{PROMPT[:-1]}.png",
        f"darkroom-{DIGEST}.png",
        "darkroom-.png",
        "ComfyUI_00001_.png",
        "",
    ],
)
def test_not_made_by_a_prompt(name: str) -> None:
    """A longer id, something before it, another spelling: not ours, or not that prompt's."""
    assert prompt_of(name) is None


@pytest.mark.parametrize(
    "name", [f"darkroom-{DIGEST}.png", f"darkroom-{DIGEST} (1).jpg", f"darkroom-{DIGEST}.webp"]
)
def test_inputs(name: str) -> None:
    """An input's name tells its content, also where ComfyUI numbered it."""
    assert DIGEST == digest_of(name)


@pytest.mark.parametrize(
    "name",
    [
        f"darkroom-{DIGEST}",
        f"darkroom-{DIGEST}.exe",
        f"x/darkroom-{DIGEST}.png",
        f"darkroom-{DIGEST}.png\n",
        "holiday.png",
    ],
)
def test_other_inputs(name: str) -> None:
    """Of the owner's own pictures none is taken for one of ours."""
    assert digest_of(name) is None


def test_inputs_are_found_wherever_they_are_named() -> None:
    """In a prompt a name may stand inside other words: what counts is that its content is referred to."""
    prompt = {
        "1": {
            "inputs": {
                "image": f"sub/darkroom-{DIGEST} (2).png [input]",
                "list": [{"a": "darkroom-" + "b" * 64}],
            }
        }
    }

    assert {DIGEST, "b" * 64} == digests_in(json.dumps(prompt).encode())


def test_what_a_history_names() -> None:
    """Every list of files is read, whatever it is called; inputs and what is no file are not."""
    entry: dict[str, Any] = {
        "outputs": {
            "9": {
                "images": [
                    {"filename": "a.png", "subfolder": "x\\y", "type": "output"},
                    {"filename": "b.png", "type": "temp"},
                ]
            },
            "10": {"gifs": [{"filename": "c.mp4"}], "text": ["words"], "animated": [True], "odd": "x"},
            "11": {
                "images": [
                    {"filename": "in.png", "type": "input"},
                    {"filename": ""},
                    {"filename": 1},
                    {"filename": "d", "subfolder": 2},
                ]
            },
            "12": None,
        }
    }

    assert {
        Made(type="output", subfolder="x/y", filename="a.png"),
        Made(type="temp", subfolder="", filename="b.png"),
        Made(type="output", subfolder="", filename="c.mp4"),
    } == made_in_history(entry)


@pytest.mark.parametrize(
    "entry", [None, [], "x", {}, {"outputs": []}, {"outputs": {"1": []}}, {"status": {"messages": 1}}]
)
def test_a_history_of_another_shape(entry: object) -> None:
    """What is not as it should be names nothing, and breaks nothing."""
    assert frozenset() == made_in_history(entry)
    assert began_at(entry) is None


def test_when_a_prompt_began() -> None:
    """ComfyUI keeps the moment, in milliseconds."""
    messages = [
        ["execution_start", {"prompt_id": PROMPT, "timestamp": 1_700_000_000_500}],
        ["execution_success", {}],
    ]

    assert 1_700_000_000.5 == began_at({"status": {"messages": messages}})

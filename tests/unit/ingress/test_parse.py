"""Given a text as a phone types it, then these words and parameters, or this sentence."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.params import MAX_SEED, RenderParams
from services.ingress.intent import Say
from services.ingress.parse import printable, spoken, wish

TIMES, CYRILLIC_HA = "\u00d7", "\u0445"


def asked(text: str) -> tuple[str, str, RenderParams] | Say:
    """Prompt, negative and parameters of *text*, or what is said instead."""
    heard = spoken(text)
    assert heard is not None
    wished = wish(text, heard)
    return wished if isinstance(wished, Say) else (wished[0].prompt, wished[0].negative, wished[1])


@pytest.mark.parametrize(
    ("text", "command", "addressee", "rest"),
    [
        ("/f a cat", "f", "", "a cat"),
        ("  /F@Darkroom_bot\na cat ", "f", "Darkroom_bot", "a cat"),
        ("/f", "f", "", ""),
        ("/qwen\n\nmake it\nnight", "qwen", "", "make it\nnight"),
    ],
)
def test_command_is_found(text: str, command: str, addressee: str, rest: str) -> None:
    """In any case, with or without a bot's name, before a space or a new line."""
    heard = spoken(text)

    assert heard is not None
    assert (command, addressee, rest) == (heard.command, heard.addressee, heard.rest)


@pytest.mark.parametrize(
    "text", ["", "a cat", "a /f cat", "/ f cat", "/f, cat", "//f cat", "/4k cat", "/ф cat"]
)
def test_words_are_no_command(text: str) -> None:
    """Only a slash and a name at the beginning make a command."""
    assert spoken(text) is None


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("/f a cat --seed 42", RenderParams(seed=42)),
        ("/f --seed=42 a cat", RenderParams(seed=42)),
        ("/f --seed: 42, a cat", RenderParams(seed=42)),
        ("/f a --SEED 42 cat", RenderParams(seed=42)),
        ("/f a cat \u2014seed 42", RenderParams(seed=42)),
        ("/f a cat \u2013seed 42", RenderParams(seed=42)),
        ("/f a cat\n--seed 1 --seed 42", RenderParams(seed=42)),
        (f"/f a cat --seed {MAX_SEED}", RenderParams(seed=MAX_SEED)),
        ("/f a cat --size 1024x768", RenderParams(width_px=1024, height_px=768)),
        (f"/f a cat --size 1024{TIMES}768", RenderParams(width_px=1024, height_px=768)),
        (f"/f --size 1024 {CYRILLIC_HA} 768px a cat", RenderParams(width_px=1024, height_px=768)),
        ("/f a cat --size 1024*768 --steps 20", RenderParams(width_px=1024, height_px=768, steps=20)),
        ("/f a cat --cfg 3.5", RenderParams(cfg=3.5)),
        ("/f a cat --cfg 3,5", RenderParams(cfg=3.5)),
        ("/f -n 4 a cat", RenderParams(count=4)),
        ("/f -n4 a cat", RenderParams(count=4)),
        ("/f a cat \u2014n 4", RenderParams(count=4)),
        ("/f a cat --count 4", RenderParams(count=4)),
    ],
)
def test_parameters_are_read(text: str, params: RenderParams) -> None:
    """Anywhere in the text, however a phone has dressed them up; what is left is the prompt."""
    assert ("a cat", "", params) == asked(text)


@pytest.mark.parametrize(
    ("text", "prompt", "negative"),
    [
        ('/f a cat --neg "blurry, dark"', "a cat", "blurry, dark"),
        ("/f a cat --neg \u201cblurry, dark\u201d", "a cat", "blurry, dark"),
        ("/f --neg \u201eblurry\u201c a cat", "a cat", "blurry"),
        ("/f --neg 'it isn't good' a cat", "a cat", "it isn't good"),
        ('/f --neg "no --seed 1 here" a cat', "a cat", "no --seed 1 here"),
        ("/f a cat --neg blurry, dark --seed 1", "a cat", "blurry, dark"),
        ("/f --negative blurry\na cat", "a cat", "blurry"),
        ("/f a well-known cat \u2014 asleep", "a well-known cat \u2014 asleep", ""),
        ("/f a cat-n dog -night", "a cat-n dog -night", ""),
        ("/f a sign -- say --hello and \u2014bye", "a sign say --hello and \u2014bye", ""),
        ("/f two\nlines", "two\nlines", ""),
        ("/invert", "", ""),
        ("/invert --seed 4", "", ""),
    ],
)
def test_words_are_kept(text: str, prompt: str, negative: str) -> None:
    """What describes the picture, and what it should not have."""
    found = asked(text)

    assert not isinstance(found, Say)
    assert (prompt, negative) == found[:2]


@pytest.mark.parametrize(
    ("text", "code", "details"),
    [
        ("/f " + "a" * 4001, "prompt-too-long", {"limit": "4000", "length": "4001"}),
        ("/f a --foo 3", "unknown-parameter", {"parameter": "--foo"}),
        ("/f a \u2014sede 3", "unknown-parameter", {"parameter": "\u2014sede"}),
    ],
)
def test_what_can_not_be_meant(text: str, code: str, details: dict[str, str]) -> None:
    """A code and the facts for its sentence."""
    assert Say(code=code, details=details) == asked(text)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("/f a --seed x", "--seed", "x"),
        ("/f a --seed -1", "--seed", "-1"),
        (f"/f a --seed {MAX_SEED + 1}", "--seed", str(MAX_SEED + 1)),
        ("/f a --seed", "--seed", ""),
        ("/f a --seed --steps 3", "--seed", ""),
        ("/f a --steps 0", "--steps", "0"),
        ("/f a --steps 2.5", "--steps", "2.5"),
        ("/f a --size 1024", "--size", "1024"),
        ("/f a --size 0x5", "--size", "0x5"),
        ("/f a --cfg high", "--cfg", "high"),
        ("/f a -n 0", "-n", "0"),
        ('/f a --neg "open', "--neg", '"open'),
        ("/f a --neg", "--neg", ""),
    ],
)
def test_value_that_does_not_fit(text: str, name: str, value: str) -> None:
    """Names the parameter, its value, and what is allowed."""
    found = asked(text)

    assert isinstance(found, Say)
    assert ("bad-parameter", name, value) == (found.code, found.details["name"], found.details["value"])
    assert found.details["allowed"]


_PIECES = st.sampled_from(
    [
        "--",
        "\u2014",
        "-n",
        " ",
        "\n",
        '"',
        "\u201c",
        "'",
        "seed",
        "size",
        "neg",
        "cfg",
        "=",
        "x",
        "4",
        "\0",
        "\ud800",
    ]
)


@given(st.one_of(st.text(), st.lists(_PIECES).map("".join)))
@example("--neg '")
@example("--size " + "9" * 5000)
def test_no_text_raises(text: str) -> None:
    """Whatever is typed, there is a wish whose words can be stored, or a sentence."""
    said = printable(f"/f {text}")
    heard = spoken(said)

    assert heard is not None
    found = wish(said, heard)
    if not isinstance(found, Say):
        found[0].prompt.encode()
        found[0].negative.encode()

"""Flags and answers, as choices."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from schemas.catalogue import Bounds
from schemas.importing import Candidate, Choices, Unclear
from services.cli.workflow_choices import FLAGS, Flags, answered, choices
from services.cli.workflow_questions import chosen
from services.common.errors import ConfigError

QUESTION = Unclear(
    what="prompt",
    why="Two nodes take words.",
    candidates=(Candidate(value="6.text", label="Words"), Candidate(value="7.text", label="More words")),
)


def flags(**said: Any) -> Flags:
    """Flags of which only some were typed."""
    nothing: dict[str, Any] = {
        "title": "",
        "slots": {},
        "bounds": [],
        "images": [],
        "optional_images": [],
        "outputs": [],
    }
    return Flags(**(nothing | said))


def test_nothing_said_leaves_everything_to_be_found() -> None:
    """An empty list of a flag that was not typed is no choice."""
    assert Choices() == choices(flags(slots={"prompt": [], "seed": []}))


def test_every_flag_is_a_choice() -> None:
    """Places by parameter, bounds, pictures of which some are optional, outputs, the title."""
    said = flags(
        title=" Mine ",
        slots={"prompt": ["6.text", "433:3.text"], "seed": ["3.seed"]},
        bounds=["steps=1:50:20", "width=256:2048:1024:16"],
        images=["12"],
        optional_images=["13"],
        outputs=["9", "10"],
    )

    assert Choices(
        title="Mine",
        slots={"prompt": ("6.text", "433:3.text"), "seed": ("3.seed",)},
        bounds={
            "steps": Bounds(least=1, most=50, default=20),
            "width_px": Bounds(least=256, most=2048, default=1024, multiple_of=16),
        },
        pictures=("12", "13"),
        optional=("13",),
        outputs=("9", "10"),
    ) == choices(said)


def test_none_is_a_choice_too() -> None:
    """Something that would be found is not to be bound; only optional ones leave the others to be found."""
    said = choices(flags(slots={"negative": ["none"]}, images=["none"]))

    assert Choices(slots={"negative": ()}, pictures=()) == said
    assert Choices(optional=("13",)) == choices(flags(optional_images=["13"]))


@pytest.mark.parametrize(
    "said",
    [
        {"slots": {"prompt": ["6"]}},
        {"slots": {"prompt": [".text"]}},
        {"slots": {"prompt": ["none", "6.text"]}},
        {"bounds": ["steps"]},
        {"bounds": ["steps=1:50"]},
        {"bounds": ["steps=a:b:c"]},
        {"bounds": ["steps=5:50:1"]},
        {"bounds": ["steps=1:50:20:0"]},
        {"bounds": ["steps=1:inf:20"]},
        {"bounds": ["seed=1:50:20"]},
        {"bounds": ["steps=1:2:3:4:5"]},
    ],
)
def test_what_can_not_be_read_is_shown_how_to_write(said: dict[str, Any]) -> None:
    """The sentence has the flag in it, as it should be."""
    with pytest.raises(ConfigError, match=r"like --(prompt 6\.text|bounds steps=1:50:20)"):
        choices(flags(**said))


def test_an_answer_goes_where_its_flag_would() -> None:
    """Each thing that can be asked has a flag, and answering it gives what the flag gives."""
    for what, flag in FLAGS.items():
        slot = what not in {"pictures", "outputs"}
        value = "6.text" if slot else "6"
        by_flag = {"slots": {what: [value]}} if slot else {flag.removeprefix("--") + "s": [value]}
        assert choices(flags(**by_flag)) == answered(Choices(), what, (value,))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2", ("7.text",)),
        (" 2 , 1 ", ("7.text", "6.text")),
        ("7.text", ("7.text",)),
        ("99.text", ("99.text",)),
        ("none", ()),
    ],
)
def test_a_candidate_is_chosen_by_its_number(said: str, meant: tuple[str, ...]) -> None:
    """Or several, or none, or a place that was not among them."""
    assert meant == chosen(said, QUESTION)


def test_a_number_is_that_of_the_list() -> None:
    """Also where candidates are nodes, whose ids are numbers too."""
    nodes = Unclear(
        what="outputs", why="", candidates=(Candidate(value="2", label=""), Candidate(value="1", label=""))
    )

    assert ("2",) == chosen("1", nodes)


@pytest.mark.parametrize("said", ["0", "3", "", ","])
def test_a_number_that_no_candidate_has(said: str) -> None:
    """It is asked again."""
    with pytest.raises(typer.BadParameter):
        chosen(said, QUESTION)

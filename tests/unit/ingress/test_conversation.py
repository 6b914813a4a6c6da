"""Given a message, then this is what it asks for."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.commands import Target
from schemas.params import RenderParams
from schemas.private import Words
from services.ingress.conversation import understand
from services.ingress.intent import Cancel, Heard, Import, Intent, Question, Render, Repeat, Say, Select

SOMETHING = Target(message_ref=UUID(int=1))
NOTHING = Target()


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("/start", Question(topic="help")),
        ("/help@bot", Question(topic="help")),
        ("/queue", Question(topic="queue")),
        ("/privacy", Question(topic="privacy")),
        ("/tree", Question(topic="tree")),
        ("/cancel", Cancel(target=SOMETHING)),
        ("/again", Repeat(target=SOMETHING, vary=False)),
        ("/vary", Repeat(target=SOMETHING, vary=True)),
        ("/use", Select(target=SOMETHING)),
        ("/undo", Select(target=NOTHING)),
        ("/again please", Say(code="takes-no-words", details={"command": "again"})),
        (
            "/Upscale it --seed 3",
            Render(
                command="upscale",
                words=Words(said="/Upscale it --seed 3", prompt="it"),
                params=RenderParams(seed=3),
                target=SOMETHING,
            ),
        ),
        ("nice", Say(code="reply-needs-command", details={"words": "nice"})),
    ],
)
def test_in_answer_to_a_picture(text: str, intent: Intent) -> None:
    """A command points at what it answers; words alone get a hint."""
    assert intent == understand(Heard(text=text, target=SOMETHING))


@pytest.mark.parametrize(
    ("text", "pictures", "intent"),
    [
        ("", 1, Import()),
        (" \n", 1, Import()),
        ("", 2, Say(code="pictures-need-words")),
        ("", 0, Say(code="say-something")),
        ("a cat", 0, Say(code="say-command", details={"words": "a cat"})),
        ("a hat", 1, Say(code="caption-needs-command", details={"words": "a hat"})),
        (
            "/invert",
            1,
            Render(
                command="invert",
                words=Words(said="/invert", prompt=""),
                params=RenderParams(),
                target=NOTHING,
            ),
        ),
        ("/qwen a hat", 4, Say(code="too-many-pictures", details={"most": "3"})),
        (
            "/qwen a hat",
            3,
            Render(
                command="qwen",
                words=Words(said="/qwen a hat", prompt="a hat"),
                params=RenderParams(),
                target=NOTHING,
            ),
        ),
    ],
)
def test_with_pictures(text: str, pictures: int, intent: Intent) -> None:
    """A picture alone is kept, with a command edited, with words alone explained."""
    assert intent == understand(Heard(text=text, pictures=pictures))


def test_a_long_text_is_not_echoed_whole() -> None:
    """A hint stays short enough to be read."""
    hint = understand(Heard(text="word " * 1000))

    assert isinstance(hint, Say)
    assert 200 >= len(hint.details["words"])


@given(st.text(), st.integers(0, 5))
def test_everything_means_something(text: str, pictures: int) -> None:
    """No message goes without an answer."""
    assert understand(Heard(text=text, pictures=pictures)) is not None

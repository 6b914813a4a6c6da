"""The Bot API test server: the three parse modes, entities, and what Telegram finds by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.botapi.formatted import Formatted, formatted_text, typed_by_a_person
from tests.botapi.refusal import ViolationError
from tests.botapi.utf16 import utf16_length, utf16_slice


def spans(made: Formatted) -> list[tuple[str, str | None]]:
    """Each entity's type and the text it covers."""
    return [
        (one["type"], utf16_slice(made.text, one["offset"], one["offset"] + one["length"]))
        for one in made.entities
    ]


GOOD = {
    "HTML": (
        "😀 <b>bold <i>both</i></b> &lt;&amp; <code>x</code> <a href='https://e.org'>link</a>",
        "😀 bold both <& x link",
        [("bold", "bold both"), ("italic", "both"), ("code", "x"), ("text_link", "link")],
    ),
    "MarkdownV2": (
        "😀 *bold _both_* __under__ ~gone~ ||hush|| `a\\`b` [link](https://e.org/\\)) 1\\.",
        "😀 bold both under gone hush a`b link 1.",
        [
            ("bold", "bold both"),
            ("italic", "both"),
            ("underline", "under"),
            ("strikethrough", "gone"),
            ("spoiler", "hush"),
            ("code", "a`b"),
            ("text_link", "link"),
        ],
    ),
    "Markdown": (
        "😀 *bold* _slanted_ `code` ```py``` [link](https://e.org) \\_",
        "😀 bold slanted code py link _",
        [("bold", "bold"), ("italic", "slanted"), ("code", "code"), ("pre", "py"), ("text_link", "link")],
    ),
}
BAD = [
    ("HTML", "<b>x", 'find end tag corresponding to start tag "b"'),
    ("HTML", "x</b>", "Unexpected end tag at byte offset 1"),
    ("HTML", "ü<b>x</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
    ("HTML", "<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
    ("HTML", "1 < 2", "Unclosed start tag at byte offset 2"),
    ("HTML", "<span>x</span>", 'must have class "tg-spoiler"'),
    ("MarkdownV2", "1.5", "Character '.' is reserved"),
    ("MarkdownV2", "a-b", "Character '-' is reserved"),
    ("MarkdownV2", "ü*x", "Can't find end of Bold entity at byte offset 2"),
    ("MarkdownV2", "[x](https://e.org", "Can't find end of a URL"),
    ("Markdown", "snake_case", "Can't find end of the entity starting at byte offset 5"),
    ("Markdown", "[x](https://e.org", "Can't find end of a URL"),
]


@pytest.mark.parametrize("mode", GOOD)
def test_good_markup(mode: str) -> None:
    """Markup becomes plain text and entities, counted in UTF-16."""
    text, plain, expected = GOOD[mode]

    made = formatted_text({"text": text, "parse_mode": mode})

    assert (plain, expected) == (made.text, spans(made))


@pytest.mark.parametrize(("mode", "text", "said"), BAD)
def test_bad_markup(mode: str, text: str, said: str) -> None:
    """Broken markup is refused with the place of the mistake."""
    with pytest.raises(ViolationError) as refused:
        formatted_text({"text": text, "parse_mode": mode})

    assert said in str(refused.value)


def test_code_with_language() -> None:
    """Both newer modes know the language of a block of code."""
    html = formatted_text({"text": '<pre><code class="language-py">x</code></pre>', "parse_mode": "HTML"})
    marked = formatted_text({"text": "```py\nx\n```", "parse_mode": "MarkdownV2"})

    assert ({"type": "pre", "offset": 0, "length": 1, "language": "py"},) == html.entities == marked.entities


def test_quote() -> None:
    """Lines that begin with > are a quote in MarkdownV2."""
    made = formatted_text({"text": ">one\n>two\nthree", "parse_mode": "MarkdownV2"})

    assert ("one\ntwo\nthree", [("blockquote", "one\ntwo")]) == (made.text, spans(made))


def test_limit_counts_the_plain_text() -> None:
    """4096 characters are allowed after parsing, whatever the markup takes."""
    made = formatted_text({"text": f"<b>{'&amp;' * 4096}</b>", "parse_mode": "HTML"})

    assert 4096 == len(made.text)


def test_white_space_around() -> None:
    """White space around a text goes; entities move with it."""
    made = formatted_text({"text": "\n 😀x ", "entities": [{"type": "bold", "offset": 0, "length": 6}]})

    assert ("😀x", [("bold", "😀x")]) == (made.text, spans(made))


def test_crossing_entities() -> None:
    """Entities may nest but not cross."""
    nested: list[dict[str, Any]] = [
        {"type": "bold", "offset": 0, "length": 3},
        {"type": "italic", "offset": 1, "length": 1},
    ]
    formatted_text({"text": "abcd", "entities": nested})

    with pytest.raises(ViolationError, match="crosses"):
        formatted_text({"text": "abcd", "entities": [nested[0], {**nested[1], "length": 3}]})


def test_what_telegram_finds() -> None:
    """Commands, mentions and links are found in plain text, not inside words, paths or code."""
    made = typed_by_a_person("/f@a_bot a/b /qwen @someone me@example https://e.org/x.")
    code = formatted_text({"text": "`/f` /g", "parse_mode": "MarkdownV2"})

    assert [
        ("bot_command", "/f@a_bot"),
        ("bot_command", "/qwen"),
        ("mention", "@someone"),
        ("url", "https://e.org/x"),
    ] == spans(made)
    assert [("code", "/f"), ("bot_command", "/g")] == spans(code)


@given(st.text(min_size=1, max_size=200).filter(str.strip))
def test_escaped_text_survives(text: str) -> None:
    """Whatever is escaped by the book comes out of HTML as it went in."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    made = formatted_text({"text": escaped, "parse_mode": "HTML"})

    assert text.strip() == made.text
    assert all(one["offset"] + one["length"] <= utf16_length(made.text) for one in made.entities)

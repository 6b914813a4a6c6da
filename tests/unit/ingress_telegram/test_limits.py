"""What Telegram takes: lengths in its own units, files by kind and size, buttons in 64 bytes."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.commands import Target
from services.common.errors import ConfigError
from services.ingress.shown import Button
from services.ingress.telegram.allow_list import AllowList, read_allow_list
from services.ingress.telegram.keyboard import job_keyboard, picture_keyboard, picture_of, read_press
from services.ingress.telegram.medium import medium_of, upload_limit_bytes
from services.ingress.telegram.menu import menu
from services.ingress.telegram.outage import Outage
from services.ingress.telegram.utf16 import fitting
from tests import builders

ID = UUID(int=7)
MB = 1024 * 1024


@given(st.text(), st.integers(2, 20))
def test_text_fits(text: str, most: int) -> None:
    """In UTF-16 units, without half a character, and unchanged when it fits."""
    cut = fitting(text, most)
    units = len(text.encode("utf-16-le")) // 2

    assert most >= len(cut.encode("utf-16-le")) // 2
    assert (cut == text) == (units <= most)


@pytest.mark.parametrize(
    ("mime", "width_px", "height_px", "size_bytes", "kind"),
    [
        ("image/png", 1024, 1024, 1, "photo"),
        ("image/jpeg", 1024, 1024, 10 * MB, "photo"),
        ("image/jpeg", 1024, 1024, 10 * MB + 1, "document"),
        ("image/png", 6000, 4000, 1, "photo"),
        ("image/png", 6000, 4001, 1, "document"),
        ("image/png", 2000, 100, 1, "photo"),
        ("image/png", 100, 2001, 1, "document"),
        ("image/gif", 100, 100, 1, "animation"),
        ("image/apng", 100, 100, 1, "document"),
        ("video/mp4", 832, 480, 40 * MB, "video"),
        ("video/mp4", 10_001, 480, 1, "document"),
        ("video/webm", 832, 480, 1, "document"),
        ("audio/mpeg", 0, 0, 1, "audio"),
        ("audio/mp4", 0, 0, 1, "audio"),
        ("audio/flac", 0, 0, 1, "document"),
        ("audio/wav", 0, 0, 1, "document"),
        ("audio/ogg", 0, 0, 1, "document"),
    ],
)
def test_kind(mime: str, width_px: int, height_px: int, size_bytes: int, kind: str) -> None:
    """What Telegram takes it as, else a file."""
    media = replace(builders.MEDIA, mime=mime, width_px=width_px, height_px=height_px)

    assert kind == medium_of(media, bytes(size_bytes)).kind


def test_a_picture_that_moves_is_no_photo() -> None:
    """Or its first frame would be all there is of it."""
    moving = replace(builders.MEDIA, mime="image/webp", animated=True)

    assert ("document", "darkroom.webp") == (medium_of(moving, b"x").kind, medium_of(moving, b"x").file_name)


@pytest.mark.parametrize(
    ("api_url", "limit_mb"),
    [
        ("https://api.telegram.org", 50),
        ("https://API.telegram.org:443/", 50),
        ("http://127.0.0.1:8081", 2000),
        ("https://bots.example.org/api.telegram.org", 2000),
    ],
)
def test_only_a_server_of_ones_own_carries_more(api_url: str, limit_mb: int) -> None:
    """It is offered what it may carry; what it refuses then is said."""
    assert limit_mb * MB == upload_limit_bytes(api_url)


def test_buttons_hold_what_they_mean() -> None:
    """Within 64 bytes, and a press reads back as the action and the job."""
    buttons = tuple(Button(label=name, action=name) for name in ("cancel", "again", "vary"))  # type: ignore[arg-type]
    keyboard = job_keyboard(buttons, ID)
    assert keyboard is not None
    data = [str(button.callback_data) for button in keyboard.inline_keyboard[0]]

    assert all(64 >= len(one.encode()) for one in data)
    assert [(name, Target(job_id=ID)) for name in ("cancel", "again", "vary")] == [
        read_press(one) for one in data
    ]
    assert picture_of(keyboard) is None
    assert ID == picture_of(picture_keyboard(ID))
    assert ("use", Target(image_id=ID)) == read_press(f"use:{ID}")


@pytest.mark.parametrize("data", ["", "cancel", "cancel:", "cancel:x", f"explode:{ID}", f":{ID}"])
def test_foreign_press_means_nothing(data: str) -> None:
    """Buttons of an older version, or of somebody's making."""
    assert read_press(data) is None


@pytest.mark.parametrize(
    ("text", "admitted"),
    [("*", True), ("1001", True), ("7, 1001 ,", True), ("-5", True), ("7", False), ("0", False)],
)
def test_allow_list(text: str, *, admitted: bool) -> None:
    """By the person's number or the chat's."""
    assert admitted == read_allow_list(text).admits(1001, -5)


@pytest.mark.parametrize("text", ["@ann", "1001;1002", "ann"])
def test_names_are_not_allowed(text: str) -> None:
    """Names change hands; the error says what to write instead."""
    with pytest.raises(ConfigError, match="numeric ids"):
        read_allow_list(text)


def test_empty_list_admits_nobody() -> None:
    """Closed is the default."""
    assert AllowList(everyone=False, ids=frozenset()) == read_allow_list(" , ")


def test_outage_is_news_once() -> None:
    """To each chat, until something is kept again."""
    outage = Outage()

    assert [True, False, True] == [outage.is_news_to(chat) for chat in (1, 1, 2)]

    outage.is_over()

    assert outage.is_news_to(1)


def test_menu_of_a_hundred_workflows() -> None:
    """There is always room for what always works."""
    offered = menu(tuple(replace(builders.SPEC, command=f"c{number:03}") for number in range(150)))

    assert 100 == len(offered)
    assert {"cancel", "help", "privacy"} <= {name for name, _ in offered}


def test_menu_is_one_that_telegram_takes() -> None:
    """At most 100 commands, lower case, descriptions of 1 to 256 characters; each command once."""
    long = replace(builders.SPEC, command="long", title="x" * 300)
    offered = menu((builders.SPEC, builders.EDIT_SPEC, long, replace(builders.SPEC, digest=str(uuid4()))))

    assert ["f", "long", "qwen"] == [name for name, _ in offered[:3]]
    assert "FLUX schnell: a picture from words · --seed --size --steps -n" == offered[0][1]
    assert len(offered) == len({name for name, _ in offered}) <= 100
    assert all(1 <= len(text) <= 256 for _, text in offered)

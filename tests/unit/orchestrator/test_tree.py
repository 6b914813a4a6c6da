"""A session's pictures, drawn."""

from __future__ import annotations

from uuid import UUID

from schemas.params import RenderParams
from services.orchestrator.image import Image
from services.orchestrator.tree import draw
from tests.builders import MEDIA, PARAMS, PERSON, SEALED, SESSION, uuid


def picture(*parents: UUID, command: str = "qwen", params: RenderParams = PARAMS) -> Image:
    """A picture that was made of others; without a command it is an upload."""
    return Image(
        session_id=SESSION,
        person_id=PERSON,
        media=MEDIA,
        private=SEALED,
        position=1,
        parents=parents,
        command=command,
        params=params,
    )


def test_children_stand_under_what_they_came_from() -> None:
    """Branches are drawn, numbers are in the order of making, and the current picture is marked."""
    one, two, three, four = uuid(1), uuid(2), uuid(3), uuid(4)
    images = {one: picture(command="f"), two: picture(one), three: picture(two), four: picture(one)}

    expected = "1. /f · seed 7\n├ 2. /qwen · seed 7\n│ └ 3. /qwen · seed 7 ← current\n└ 4. /qwen · seed 7"
    assert expected == draw(images, three)


def test_a_picture_without_a_seed_is_told_without() -> None:
    """Its workflow takes none."""
    assert "1. /turn" == draw({uuid(1): picture(command="turn", params=RenderParams())}, None)


def test_a_picture_of_several_stands_under_the_first() -> None:
    """Each picture is drawn once."""
    one, two, both = uuid(1), uuid(2), uuid(3)
    images = {one: picture(command=""), two: picture(command=""), both: picture(two, one)}

    assert "1. your picture\n2. your picture\n└ 3. /qwen · seed 7" == draw(images, None)


def test_a_picture_whose_parent_is_not_there_is_a_root() -> None:
    """Only the newest pictures are drawn: what they came from may be older."""
    assert "1. /qwen · seed 7" == draw({uuid(2): picture(uuid(1))}, None)


def test_no_pictures_are_no_lines() -> None:
    """The channel says so in words."""
    assert not draw({}, None)

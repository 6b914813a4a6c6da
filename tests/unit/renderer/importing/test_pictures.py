"""Pictures to edit: which, in what order, and which of them may be left out."""

from __future__ import annotations

from schemas.params import RenderParams
from services.renderer.definition import PictureSlot
from services.renderer.workflow import Wishes, filled
from tests.unit.renderer.importing.asking import definition, export, node, refused, studied
from tests.unit.renderer.importing.nodes import info

FIRST, SECOND, THIRD = "78", "106", "107"


def test_pictures_come_in_the_order_in_which_they_are_taken() -> None:
    """The encoder lists them; the file's own order means nothing."""
    pictures = definition(export("edit.api")).recipe.pictures

    assert [FIRST, SECOND, THIRD] == [one.node for one in pictures]


def test_what_is_made_out_of_pictures_is_an_edit() -> None:
    """With prompt or without."""
    specs = [studied(export(name)).spec for name in ("edit.api", "invert.api", "text_to_image.api")]

    assert [("edit", 3), ("edit", 1), ("image", 0)] == [(one.kind, one.inputs_max) for one in specs]


def test_an_optional_picture_takes_with_it_what_needs_it() -> None:
    """The node that scales it has nothing to scale then; the encoder can do without."""
    pictures = definition(export("edit.api"), optional=("Second picture", THIRD)).recipe.pictures

    assert (
        PictureSlot(node=FIRST, input="image"),
        PictureSlot(node=SECOND, input="image", optional=True, drop=(SECOND, "433:118")),
        PictureSlot(node=THIRD, input="image", optional=True, drop=(THIRD,)),
    ) == pictures


def test_without_optional_pictures_the_graph_is_whole() -> None:
    """No link leads to what was dropped."""
    made = definition(export("edit.api"), optional=(SECOND, THIRD))
    wishes = Wishes(
        prompt="more light", negative="", params=RenderParams(seed=1), pictures=("a.png",), file_stem="x"
    )

    graph = filled(made, wishes)

    assert {"clip", "vae", "image1", "prompt"} == graph["433:111"].inputs.keys()
    assert "more light" == graph["435"].inputs["value"]


def test_optional_pictures_come_last() -> None:
    """Nobody can leave out the first of two and give the second."""
    pictures = definition(export("edit.api"), optional=(SECOND,)).recipe.pictures

    assert [FIRST, THIRD, SECOND] == [one.node for one in pictures]


def test_a_picture_that_is_needed_can_not_be_optional() -> None:
    """What is saved is made of it."""
    problem = refused(export("edit.api"), optional=(FIRST,)).problems[0]

    assert "“First picture” (78) can't be optional: “Save Image” (60) needs its picture." == problem


def test_pictures_that_could_be_left_out_are_named() -> None:
    """It is for the operator to say whether they may."""
    warned = studied(export("edit.api")).warnings

    assert (
        "It would work without “Second picture” (106), “Third picture” (107) too, if made optional." in warned
    )


def test_a_picture_that_is_not_chosen_stays_as_it_is() -> None:
    """Then its file has to be on the backend, which is said."""
    answer = studied(export("edit.api"), pictures=(THIRD, FIRST))

    assert "“Third picture” (107), “First picture” (78)" == answer.found["pictures"]
    assert "image of “Second picture” (106) stays “b.png”, which has to be on the backend." in answer.warnings


def test_only_nodes_that_load_pictures_are_pictures() -> None:
    """The answer names those."""
    problem = refused(export("edit.api"), pictures=("60",)).problems[0]

    assert problem.startswith("“Save Image” (60) takes no picture. Nodes that do: “First picture” (78),")


def test_a_picture_out_of_another_folder_is_none() -> None:
    """An uploaded one would be looked for under the wrong name."""
    known = info()
    known["LoadImage"]["input"]["required"]["image"] = [[], {"image_upload": True, "image_folder": "output"}]

    assert () == definition(export("invert.api"), known).recipe.pictures


def test_a_video_may_be_made_out_of_a_picture() -> None:
    """It stays a video."""
    graph = export("invert.api")
    graph["3"] = node("SaveWEBM", images=["2", 0], filename_prefix="v", codec="vp9", fps=24, crf=32)

    spec = studied(graph).spec

    assert ("video", 1) == (spec.kind, spec.inputs_min)

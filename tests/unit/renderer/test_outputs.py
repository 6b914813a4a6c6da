"""Which files a history entry names as the result."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from services.renderer.catalogue import OWN, read_workflow
from services.renderer.comfyui.answers import Ended, read
from services.renderer.comfyui.outputs import FILES_MAX, OutputFile, files
from services.renderer.definition import Definition
from services.renderer.errors import AttemptFailedError

FLUX = read_workflow(OWN / "flux-schnell")


def ended(outputs: Any) -> Ended:
    """As it comes over the wire."""
    return read(msgspec.json.encode({"outputs": outputs, "status": {"status_str": "success"}}), Ended)


def with_outputs(*nodes: str) -> Definition:
    """A workflow of several outputs."""
    return replace(FLUX, recipe=replace(FLUX.recipe, outputs=nodes))


def named(name: str) -> dict[str, str]:
    """A file as ComfyUI names it."""
    return {"filename": name, "subfolder": "", "type": "output"}


@pytest.mark.parametrize("kind", ["images", "gifs", "video", "videos", "audio", "files", "latents", "result"])
def test_every_list_of_files_is_taken(kind: str) -> None:
    """Whatever it is called; what stands beside it is none."""
    entry = ended({"save": {"animated": [True], "text": ["hi"], kind: [named("a"), named("b")]}})

    assert [OutputFile(filename="a"), OutputFile(filename="b")] == files(entry, FLUX)


def test_a_files_own_folder_and_type_are_kept() -> None:
    """A preview lies among the temporary files."""
    entry = ended({"save": {"images": [{"filename": "a.png", "subfolder": "x", "type": "temp"}]}})

    assert [OutputFile(filename="a.png", subfolder="x", type="temp")] == files(entry, FLUX)


def test_the_order_is_the_workflows() -> None:
    """Not that in which the nodes ran."""
    entry = ended({"2": {"images": [named("b"), named("c")]}, "1": {"audio": [named("a")]}})

    assert ["a", "b", "c"] == [file.filename for file in files(entry, with_outputs("1", "3", "2"))]


def test_a_file_named_twice_is_one() -> None:
    """By one node or by two; another folder makes it another file."""
    other = {**named("a"), "subfolder": "x"}
    entry = ended({"1": {"images": [named("a"), named("a"), other]}, "2": {"gifs": [named("a")]}})

    assert ["", "x"] == [file.subfolder for file in files(entry, with_outputs("1", "2"))]


@pytest.mark.parametrize(
    "outputs",
    [
        {},
        {"other": {"images": [named("a.png")]}},
        {"save": {"images": []}},
        {"save": {"images": [None, "a.png", {}, {"filename": None}, {"filename": ""}]}},
        {"save": {"images": None, "animated": [True]}},
    ],
)
def test_no_file_of_ours(outputs: Any) -> None:
    """Only the workflow's own outputs count, and only what names a file."""
    with pytest.raises(AttemptFailedError) as failed:
        files(ended(outputs), FLUX)

    assert ("no-output", True) == (failed.value.code, failed.value.retryable)


def test_words_are_no_result() -> None:
    """A workflow that ends in words will do so again."""
    with pytest.raises(AttemptFailedError) as failed:
        files(ended({"save": {"text": ["a cat"]}}), FLUX)

    assert ("output-not-media", False) == (failed.value.code, failed.value.retryable)


def test_too_many_files_are_refused_and_counted() -> None:
    """Delivering the first of them would pass for all."""
    entry = ended({"save": {"images": [named(str(number)) for number in range(FILES_MAX + 1)]}})
    with pytest.raises(AttemptFailedError) as failed:
        files(entry, FLUX)

    assert ("too-many-outputs", False) == (failed.value.code, failed.value.retryable)
    assert {"files": "65", "most": "64"} == failed.value.details

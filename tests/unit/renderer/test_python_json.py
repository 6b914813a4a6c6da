"""What ComfyUI writes is read, also where it is Python's JSON and nobody else's."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.renderer.comfyui.answers import Ended, read
from services.renderer.comfyui.python_json import decode
from services.renderer.errors import UnexpectedAnswerError


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_has_no_word_for(word: str) -> None:
    """It is nothing, wherever it stands, and what stands beside it is read."""
    assert {"a": [None, 1, "NaN"]} == decode(f'{{"a": [{word}, 1, "NaN"]}}'.encode(), dict[str, Any])


def test_half_of_a_character() -> None:
    """A file whose name is no UTF-8 does not hide the others; whole characters stay what they are."""
    assert ["caf?.pt", "猫", "😀"] == decode(
        b'["caf\\udce9.pt", "\xe7\x8c\xab", "\\ud83d\\ude00"]', list[str]
    )


def test_a_failure_that_tells_of_no_number() -> None:
    """What a node was given when it failed stands in the history; that it failed is read all the same."""
    failed = b'[["execution_error", {"node_id": "4", "current_inputs": {"cfg": [NaN]}}]]'
    body = b'{"outputs": {}, "status": {"status_str": "error", "messages": ' + failed + b"}}"

    assert "4" == read(body, Ended).last("execution_error")["node_id"]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[NaN", b'{"a": nan}', b"\xff", b"[" * 100_000, b'["NaN" NaN]']
)
def test_what_is_no_json_either_way(body: bytes) -> None:
    """It is not ComfyUI's."""
    with pytest.raises(UnexpectedAnswerError):
        read(body, list[Any])


def test_another_shape_is_not_read_twice() -> None:
    """What is JSON, of another shape, is told at once; so is what is of another shape without its NaN."""
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"a": 1}', dict[str, str])
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"a": NaN}', dict[str, str])

r"""Files as a backend lists them: Windows says ``sub\file``."""

from __future__ import annotations

import pytest

from services.renderer.graph import Graph, GraphNode
from services.renderer.object_info import ObjectInfo
from services.renderer.spelling import spelled

WINDOWS: ObjectInfo = {
    "VAELoader": {"input": {"required": {"vae_name": [["flux\\ae.safetensors", "ae.safetensors"]]}}},
    "CLIPTextEncode": {"input": {"required": {"text": ["STRING", {}]}}},
}


def graph(class_type: str, **inputs: object) -> Graph:
    """One node."""
    return {"node": GraphNode(class_type=class_type, inputs=inputs)}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("flux/ae.safetensors", "flux\\ae.safetensors"),
        ("flux\\ae.safetensors", "flux\\ae.safetensors"),
        ("ae.safetensors", "ae.safetensors"),
        ("sdxl/ae.safetensors", "sdxl/ae.safetensors"),
        ("Flux/ae.safetensors", "Flux/ae.safetensors"),
    ],
)
def test_a_file_is_called_what_the_backend_calls_it(said: str, expected: str) -> None:
    """The same file in the same subfolder, that is; another stays what it was, and is refused by its name."""
    assert graph("VAELoader", vae_name=expected) == spelled(graph("VAELoader", vae_name=said), WINDOWS)


def test_a_graph_from_windows_runs_elsewhere() -> None:
    """An export says it the way of the machine it was made on."""
    info: ObjectInfo = {
        "VAELoader": {"input": {"optional": {"vae_name": ["COMBO", {"options": ["a/b/c.pt"]}]}}}
    }

    assert graph("VAELoader", vae_name="a/b/c.pt") == spelled(graph("VAELoader", vae_name="a\\b\\c.pt"), info)


@pytest.mark.parametrize("info", [WINDOWS, {}], ids=["known", "not looked at yet"])
def test_words_are_not_files(info: ObjectInfo) -> None:
    """Only what is chosen from a list is spelled anew."""
    words = graph("CLIPTextEncode", text="black/white, C:\\art", clip=["node", 1])

    assert words == spelled(words, info)

"""What a backend lacks, told from /object_info."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.catalogue import Lack
from services.renderer.capability import lacks
from services.renderer.catalogue import OWN, read_workflow
from services.renderer.definition import Definition

FLUX = read_workflow(OWN / "flux-schnell")
VAE = "ae.safetensors"


def object_info(definition: Definition) -> dict[str, Any]:
    """What a server says that has everything: each file a choice, in the form of older nodes."""
    models = {model.name for model in definition.recipe.models}
    return {
        node.class_type: {
            "input": {
                "required": {
                    name: [["other.safetensors", value], {}] if value in models else ["INT", {}]
                    for name, value in node.inputs.items()
                    if not isinstance(value, list)
                }
            }
        }
        for node in definition.prompt.values()
    }


def test_a_server_with_everything_lacks_nothing() -> None:
    """Every class and every file is there."""
    assert () == lacks(FLUX, object_info(FLUX))


@pytest.mark.parametrize(
    "choices",
    [[["other.safetensors"], {}], [[], {}], ["COMBO", {"options": ["other.safetensors"]}]],
    ids=["older", "empty", "newer"],
)
def test_a_missing_file_is_named_with_its_folder(choices: list[Any]) -> None:
    """In either form in which nodes list their choices, and also when there is none at all."""
    info = object_info(FLUX)
    info["VAELoader"]["input"]["required"]["vae_name"] = choices

    assert (Lack(what="model", name=VAE, folder="vae"),) == lacks(FLUX, info)


def test_a_choice_of_the_newer_form_counts() -> None:
    """Newer nodes list their choices elsewhere."""
    info = object_info(FLUX)
    info["VAELoader"]["input"] = {"optional": {"vae_name": ["COMBO", {"options": [VAE]}]}}

    assert () == lacks(FLUX, info)


def test_a_missing_class_is_named_once() -> None:
    """Both text encoders of the edit are of one class; their files can't be judged without it."""
    qwen = read_workflow(OWN / "qwen-edit-2509")
    info = object_info(qwen)
    del info["TextEncodeQwenImageEditPlus"]

    assert (Lack(what="node", name="TextEncodeQwenImageEditPlus"),) == lacks(qwen, info)


@pytest.mark.parametrize("odd", [None, [], {}, {"input": None}, {"input": {"required": None}}, "text"])
def test_nodes_that_describe_themselves_oddly(odd: Any) -> None:
    """What a custom node says of itself breaks nothing; what can't be judged is taken to be there."""
    assert () == lacks(FLUX, object_info(FLUX) | {"VAELoader": odd})

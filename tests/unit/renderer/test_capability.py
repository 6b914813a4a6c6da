"""What a backend lacks, told from /object_info."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from schemas.catalogue import Lack
from services.renderer.capability import lacks
from services.renderer.catalogue import OWN, read_workflow
from services.renderer.definition import Definition, Model
from services.renderer.graph import GraphNode
from tests.unit.renderer.backends import backend

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


@pytest.mark.parametrize("name", [place.name for place in OWN.iterdir() if place.is_dir()])
@pytest.mark.parametrize("gpus", [0, 2])
def test_the_simulator_can_do_all_that_is_shipped(name: str, gpus: int) -> None:
    """And its twins make no difference: a placement never needs anything."""
    assert () == lacks(read_workflow(OWN / name), backend(gpus))


def test_everything_that_is_missing_is_named() -> None:
    """Not the first of it only: whoever puts it there wants to do so once."""
    wan = read_workflow(OWN / "wan22-t2v")
    info = backend()
    del info["CreateVideo"]
    for name, file in (("UNETLoader", "unet_name"), ("LoraLoaderModelOnly", "lora_name")):
        info[name]["input"]["required"][file] = [[], {}]

    assert {
        Lack(what="node", name="CreateVideo"),
        *(
            Lack(what="model", name=model.name, folder=model.folder)
            for model in wan.recipe.models
            if model.folder in {"diffusion_models", "loras"}
        ),
    } == set(lacks(wan, info))


def test_what_an_optional_picture_needs_is_needed() -> None:
    """A backend that could do one picture but not three can't do what the command offers."""
    qwen = read_workflow(OWN / "qwen-edit-2509")
    qwen.prompt["picture-3"] = GraphNode(class_type="LoadImageOfMine", inputs={"image": ""})

    assert (Lack(what="node", name="LoadImageOfMine"),) == lacks(qwen, backend())


@pytest.mark.parametrize(
    ("needed", "listed", "there"),
    [
        ("flux/ae.safetensors", "flux\\ae.safetensors", True),
        ("flux\\ae.safetensors", "flux/ae.safetensors", True),
        ("ae.safetensors", "flux/ae.safetensors", False),
        ("flux/ae.safetensors", "ae.safetensors", False),
        ("flux/ae.safetensors", "FLUX/ae.safetensors", False),
    ],
)
def test_files_in_subfolders(needed: str, listed: str, *, there: bool) -> None:
    """Slashes may lean either way; a file somewhere else is another file, and so is one in capitals."""
    model = Model(folder="vae", name=needed)
    flux = replace(
        FLUX,
        recipe=replace(FLUX.recipe, models=(model,)),
        prompt=FLUX.prompt | {"vae": GraphNode(class_type="VAELoader", inputs={"vae_name": needed})},
    )
    info = object_info(FLUX)
    info["VAELoader"]["input"] = {"optional": {"vae_name": ["COMBO", {"options": [listed]}]}}

    missing = () if there else (Lack(what="model", name=needed, folder="vae"),)
    assert missing == lacks(flux, info)

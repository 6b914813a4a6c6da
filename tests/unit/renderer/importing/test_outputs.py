"""What the result is, what is left out for it, and which models it takes."""

from __future__ import annotations

import pytest

from schemas.catalogue import Lack
from services.renderer.definition import Model
from tests.unit.renderer.importing.asking import definition, export, node, refused, studied
from tests.unit.renderer.importing.nodes import info


def test_what_is_saved_is_the_result() -> None:
    """A preview beside it is left out, and said to be."""
    answer = studied(export("text_to_image.api"))

    assert "“Save Image” (9)" == answer.found["outputs"]
    assert "10" not in definition(export("text_to_image.api")).prompt
    assert "Left out, for no output needs it: “Preview” (10)." in answer.warnings


def test_a_preview_is_the_result_where_nothing_is_saved() -> None:
    """Somebody looked at it."""
    graph = export("text_to_image.api")
    del graph["9"]

    assert ("10",) == definition(graph).recipe.outputs


@pytest.mark.parametrize(
    ("class_type", "inputs", "kind"),
    [
        ("SaveWEBM", {"codec": "vp9", "fps": 24, "crf": 32}, "video"),
        ("SaveAnimatedPNG", {"fps": 6, "compress_level": 4}, "video"),
        ("SaveImage", {}, "image"),
    ],
)
def test_the_kind_is_what_is_saved(class_type: str, inputs: dict[str, object], kind: str) -> None:
    """A video is one whatever it is made of."""
    graph = export("blank.api")
    graph["2"] = node(class_type, images=["1", 0], filename_prefix="x", **inputs)

    assert kind == studied(graph).spec.kind


def test_a_sound_is_saved_too() -> None:
    """Of its own kind."""
    graph = {
        "1": node("EmptyAudio", duration=1.0, sample_rate=44100, channels=2),
        "2": node("SaveAudio", audio=["1", 0], filename_prefix="x"),
    }

    assert "audio" == studied(graph).spec.kind


def test_all_that_is_saved_is_the_result() -> None:
    """In the file's order."""
    graph = export("blank.api")
    graph["3"] = node("SaveImage", images=["1", 0], filename_prefix="y")

    assert ("2", "3") == definition(graph).recipe.outputs


def test_the_operator_may_take_fewer() -> None:
    """What only the others need is not rendered."""
    graph = export("invert.api")
    graph["4"] = node("SaveImage", images=["1", 0], filename_prefix="y")

    made = definition(graph, outputs=("4",))

    assert (("4",), {"1", "4"}) == (made.recipe.outputs, made.prompt.keys())


def test_nothing_saved_is_refused() -> None:
    """It would run and show nothing."""
    graph = export("blank.api")
    del graph["2"]

    assert "Add a Save Image node." in refused(graph).problems[0]


@pytest.mark.parametrize("wanted", [("1",), ()])
def test_only_nodes_that_save_are_outputs(wanted: tuple[str, ...]) -> None:
    """The answer names those there are."""
    problem = refused(export("blank.api"), outputs=wanted).problems[0]

    assert problem.endswith("can't be the output. Nodes that save or show something: “Save Image” (2).")


def test_models_are_named_with_their_folders() -> None:
    """The loaders say which folder it is."""
    folders = {one.name: one.folder for one in definition(export("custom_sampler.api")).recipe.models}

    assert {
        "flux1-dev.safetensors": "diffusion_models",
        "clip_l.safetensors": "text_encoders",
        "t5xxl_fp16.safetensors": "text_encoders",
        "ae.safetensors": "vae",
    } == folders


def test_a_loader_nobody_knows_has_a_model_without_a_folder() -> None:
    """Its file counts all the same."""
    known = info()
    known["OddLoader"] = known["UNETLoader"] | {"input": {"required": {"weights": [["odd.gguf"]]}}}
    graph = export("custom_sampler.api")
    graph["unet"] = node("OddLoader", weights="odd.gguf")

    assert Model(folder="", name="odd.gguf") in definition(graph, known).recipe.models


def test_what_the_backend_lacks_is_reported() -> None:
    """It may be registered all the same: another backend may have it, or soon this one."""
    graph = export("text_to_image.api")
    graph["4"]["inputs"]["ckpt_name"] = "my-own.safetensors"
    graph["20"] = node("SmoothSkin", strength=1, image=["8", 0])
    graph["9"]["inputs"]["images"] = ["20", 0]

    lacks = studied(graph).lacks

    assert {
        Lack(what="model", name="my-own.safetensors", folder="checkpoints"),
        Lack(what="node", name="SmoothSkin"),
    } == set(lacks)


def test_what_the_backend_would_not_take_is_said() -> None:
    """A choice it does not offer, a number out of its range: somebody's newer ComfyUI, perhaps."""
    graph = export("text_to_image.api")
    graph["3"]["inputs"] |= {"sampler_name": "dreamy", "denoise": 7}

    warned = " ".join(studied(graph).warnings)

    assert "sampler_name of “KSampler” (3) is “dreamy”; this backend offers euler," in warned
    assert "denoise of “KSampler” (3) is 7, which this backend does not take." in warned


def test_an_empty_input_that_is_needed_is_refused() -> None:
    """It would never render."""
    graph = export("text_to_image.api")
    del graph["8"]["inputs"]["vae"]

    assert ("Input vae of “VAE Decode” (8) is empty, and the node needs it.",) == refused(graph).problems


def test_an_output_that_is_not_there_is_refused() -> None:
    """A link to the fourth output of a node of three."""
    graph = export("text_to_image.api")
    graph["8"]["inputs"]["vae"] = ["4", 3]

    assert "comes from output 3 of “Load Checkpoint” (4), which has 3." in refused(graph).problems[0]


def test_files_saved_on_the_way_are_said() -> None:
    """They are not the result, and nobody clears them away."""
    known = info()
    known["SaveImage"]["output"] = ["IMAGE"]
    graph = export("blank.api")
    graph["3"] = node("SaveImage", images=["2", 0], filename_prefix="y")

    assert (
        "“Save Image” (2) leaves files on the backend that are not sent to anybody."
        in studied(graph, known, outputs=("3",)).warnings
    )


@pytest.mark.parametrize("loader", ["CLIPVisionLoader", "CLIPVisionLoaderMultiGPU"])
def test_a_loader_says_what_an_inputs_name_does_not(loader: str) -> None:
    """Its twin for several GPUs reads the same folder."""
    graph = export("invert.api")
    graph["4"] = node(loader, clip_name="eyes.safetensors")
    graph["2"] = node("CLIPVisionEncode", clip_vision=["4", 0], image=["1", 0])

    assert (Model(folder="clip_vision", name="eyes.safetensors"),) == definition(graph).recipe.models

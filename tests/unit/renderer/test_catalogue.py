"""Reading workflows: what Darkroom ships is sound, and what is not sound is named."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import msgspec
import pytest

from services.common.errors import ConfigError
from services.renderer.catalogue import OWN, read_catalogue, read_workflow
from services.renderer.definition import Definition

FLUX = OWN / "flux-schnell"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A copy of a sound workflow, to be spoiled."""
    return Path(shutil.copytree(FLUX, tmp_path / "mine" / "flux-schnell"))


def spoil(file: Path, old: str, new: str) -> None:
    """Change one thing in a file."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_the_shipped_catalogue() -> None:
    """The five commands are there, each under the hash of all that it is."""
    catalogue = read_catalogue([OWN])

    assert {"f", "fd", "qwen", "sd", "wan"} == {one.recipe.command for one in catalogue.values()}
    for digest, one in catalogue.items():
        assert digest == hashlib.sha256(one.text().encode()).hexdigest() == one.spec().digest


def test_what_others_are_told_of_an_edit() -> None:
    """The edit takes one to three pictures, and no size: that is the first picture's."""
    spec = read_workflow(OWN / "qwen-edit-2509").spec()

    assert ("edit", 1, 3) == (spec.kind, spec.inputs_min, spec.inputs_max)
    assert {"steps", "cfg"} == set(spec.bounds)


def test_what_others_are_told_of_a_video() -> None:
    """It is made of words, and only its size can be chosen: its LoRA was made for its steps and cfg."""
    spec = read_workflow(OWN / "wan22-t2v").spec()

    assert ("video", True, 0, 0) == (spec.kind, spec.takes_prompt, spec.inputs_min, spec.inputs_max)
    assert {"width_px": 16, "height_px": 16} == {name: its.multiple_of for name, its in spec.bounds.items()}


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("flux-schnell", "seed width_px height_px count steps"),
        ("flux-dev", "seed width_px height_px count steps cfg"),
        ("sd35-large", "seed width_px height_px count steps cfg negative"),
        ("qwen-edit-2509", "seed steps cfg negative"),
        ("wan22-t2v", "seed width_px height_px"),
    ],
)
def test_what_may_be_said_besides_the_words(name: str, parameters: str) -> None:
    """What is not bound is not offered, and so refused: nobody's words vanish."""
    assert parameters.split() == list(read_workflow(OWN / name).spec().parameters)


def test_what_flux_schnell_does_not_have_is_not_offered() -> None:
    """It looks at no guidance and no negative prompt, so neither can be asked for."""
    recipe = read_workflow(FLUX).recipe

    assert {"width_px", "height_px", "steps", "count"} == set(recipe.bounds)
    assert () == recipe.bind.negative == recipe.bind.cfg


@pytest.mark.parametrize("file", ["prompt.json", "workflow.toml"])
def test_any_change_makes_another_digest(place: Path, file: str) -> None:
    """A changed graph and changed bounds are another workflow: old jobs keep meaning the old one."""
    before = read_workflow(place).digest()
    spoil(place / file, *(("euler", "heun") if file == "prompt.json" else ("most = 12", "most = 13")))

    assert before != read_workflow(place).digest()


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("workflow.toml", 'command = "f"', 'command = "F!"', "command"),
        ("workflow.toml", 'kind = "image"', 'kind = "song"', "song"),
        ("workflow.toml", 'title = "FLUX schnell"', "", "title"),
        ("workflow.toml", "kind =", "king =", "king"),
        ("workflow.toml", "[bind]", "[bind", "workflow.toml"),
        ("workflow.toml", 'node = "canvas", input = "width"', 'node = "gone", input = "width"', "'gone'"),
        ("workflow.toml", 'input = "height"', 'input = "depth"', "'depth'"),
        ("workflow.toml", 'outputs = ["save"]', 'outputs = ["gone"]', "'gone'"),
        ("workflow.toml", 'outputs = ["save"]', "outputs = []", "no outputs"),
        ("workflow.toml", 'name = "ae.safetensors"', 'name = "eh.safetensors"', "'eh.safetensors'"),
        ("workflow.toml", "steps = { least = 1", "steps = { least = 5", "'steps'"),
        ("workflow.toml", "default = 1024, multiple", "default = 1000, multiple", "'width_px'"),
        ("workflow.toml", "steps = { least = 1, most = 12, default = 4 }", "", "'steps'"),
        ("workflow.toml", 'kind = "image"', 'kind = "edit"', "at least one picture"),
        ("workflow.toml", "[bind]", 'pictures = [{ node = "vae", input = "vae_name" }]\n[bind]', "'edit'"),
        (
            "workflow.toml",
            "[bind]",
            'pictures = [{node = "vae", input = "vae_name", optional = true, drop = ["save"]}]\n[bind]',
            "drops the output 'save'",
        ),
        ("workflow.toml", "[bind]", '[placement]\nmodell = "cuda:0"\n[bind]', "'modell'"),
        ("workflow.toml", "[bind]", '[placement]\nmodel = "gpu 1"\n[bind]', "placement"),
        ("workflow.toml", "[bind]", 'placement = "somewhere"\n[bind]', "placement"),
        ("prompt.json", '"samples": ["sampler", 0]', '"samples": ["gone", 0]', "'gone'"),
        ("prompt.json", '"class_type": "KSampler",', "", "Export (API)"),
        ("prompt.json", "{", "[", "prompt.json"),
    ],
)
def test_what_is_wrong_is_named(place: Path, file: str, old: str, new: str, says: str) -> None:
    """The message names the file and the thing in it."""
    spoil(place / file, old, new)

    with pytest.raises(ConfigError) as raised:
        read_catalogue([place.parent])

    assert str(place) in str(raised.value)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ("", "auto"),
        ('placement = "off"', "off"),
        (
            '[placement]\ntext-encoders = "cuda:1"\nVAELoader = "cpu"',
            {"text-encoders": "cuda:1", "VAELoader": "cpu"},
        ),
    ],
)
def test_a_placement(place: Path, placement: str, expected: object) -> None:
    """By itself, or none, or by the ids of nodes and their classes; the log's JSON reads the same."""
    spoil(place / "workflow.toml", "[bind]", f"{placement}\n[bind]")
    read = read_workflow(place)

    assert expected == read.recipe.placement
    assert read == msgspec.json.decode(read.text(), type=Definition)


@pytest.mark.parametrize("kind", ["video", "audio"])
@pytest.mark.parametrize("pictures", ['pictures = [{ node = "vae", input = "vae_name" }]', ""])
def test_a_video_may_be_made_of_pictures(place: Path, kind: str, pictures: str) -> None:
    """Or of words, and a sound as well."""
    spoil(place / "workflow.toml", 'kind = "image"', f'kind = "{kind}"\n{pictures}')

    assert kind == read_workflow(place).recipe.kind


def test_a_workflow_that_takes_nothing(place: Path) -> None:
    """No words, no seed, no numbers: it makes what it makes."""
    text = (place / "workflow.toml").read_text()
    (place / "workflow.toml").write_text(f"{text[: text.index('[bind]')]}[bind]\n")
    read = read_workflow(place)

    assert (False, {}) == (read.spec().takes_prompt, read.spec().bounds)


def test_a_ui_format_file_is_told_what_to_export(place: Path) -> None:
    """The other format ComfyUI saves is the usual mistake."""
    (place / "prompt.json").write_text('{"nodes": [], "links": [], "version": 0.4}')

    with pytest.raises(ConfigError, match=r"Export \(API\)"):
        read_workflow(place)


def test_a_missing_prompt_is_named(place: Path) -> None:
    """Half a workflow is none."""
    (place / "prompt.json").unlink()

    with pytest.raises(ConfigError, match=r"prompt\.json can't be read"):
        read_workflow(place)


def test_a_folder_that_is_not_there() -> None:
    """The variable and the folder are named."""
    with pytest.raises(ConfigError, match="DARKROOM_WORKFLOWS names /nowhere"):
        read_catalogue([Path("/nowhere")])


def test_two_workflows_of_one_command(place: Path) -> None:
    """Neither wins silently: both are named."""
    with pytest.raises(ConfigError) as raised:
        read_catalogue([OWN, place.parent])

    assert str(FLUX) in str(raised.value)
    assert str(place) in str(raised.value)


def test_a_workflow_that_no_message_could_carry(place: Path) -> None:
    """It could not be announced, and so it is refused at start."""
    spoil(place / "prompt.json", '"class_type"', f'"_meta": {{"title": "{"x" * 900_000}"}}, "class_type"')

    with pytest.raises(ConfigError, match="900,000 bytes"):
        read_workflow(place)

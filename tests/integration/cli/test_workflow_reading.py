"""``darkroom workflow list`` and ``show`` on a real log."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from schemas import subjects
from schemas.catalogue import Lack
from schemas.commands import ImportWorkflow
from services.renderer.catalogue import OWN, read_workflow
from tests.builders import EDIT_SPEC, REPORT, SPEC
from tests.integration.cli.operator import Operator
from tests.integration.orchestrator.studio import Studio
from tests.servers import eventually

QWEN = read_workflow(OWN / "qwen-edit-2509")


async def registered(studio: Studio, digest: str) -> None:
    """Wait until a command means it."""

    async def is_bound() -> bool:
        return bool(
            await studio.fetchval(
                "SELECT count(*) FROM projection.command WHERE state::json ->> 'digest' = $1", digest
            )
        )

    await eventually(is_bound)


@pytest.fixture
async def edit(studio: Studio) -> str:
    """``/qwen`` as it is shipped, which an operator has bound; returns its digest."""
    await studio.publish(subjects.inbox_operator(), ImportWorkflow(spec=QWEN.spec(), definition=QWEN.text()))
    await registered(studio, QWEN.digest())
    lacks = {SPEC.digest: (), QWEN.digest(): (Lack(what="model", name="a", folder="vae"),)}
    await studio.observe(replace(REPORT, lacks=lacks))
    return QWEN.digest()


async def test_list_names_every_command(operator: Operator, edit: str) -> None:
    """What it means, who said so, since when, and who can do it."""
    words = await operator.workflow("list")
    data = await operator.workflow("list", "--json")

    head, flux, qwen = words.out.splitlines()
    assert ["COMMAND", "TITLE", "KIND", "DIGEST", "BOUND", "SINCE", "BACKENDS"] == head.split()
    cells = re.split(" {2,}", flux)
    assert ["/f", SPEC.title, "image", SPEC.digest[:12], "by the catalogue"] == cells[:5]
    assert "gpu" == cells[-1]
    assert edit[:12] in qwen
    assert qwen.endswith("none")
    assert "by an operator" in qwen
    assert [
        ("/f", SPEC.digest, "catalogue", ["gpu"]),
        ("/qwen", edit, "operator", []),
    ] == [(one["command"], one["digest"], one["by"], one["able"]) for one in data.json["workflows"]]
    assert (0, 0) == (words.code, data.code)


@pytest.mark.parametrize("name", ["qwen", "/qwen", QWEN.name, QWEN.digest(), QWEN.digest()[:8]])
async def test_show_finds_a_workflow(operator: Operator, edit: str, name: str) -> None:
    """By its command, its name, its digest or how that begins."""
    assert edit == (await operator.workflow("show", name, "--json")).json["digest"]


async def test_show_says_what_it_takes_and_meant(operator: Operator, edit: str) -> None:
    """Where parameters go, how far they go, which models it needs, and what the command meant before."""
    shown = (await operator.workflow("show", "/qwen")).out

    slot = QWEN.recipe.bind.prompt[0]
    model = QWEN.recipe.models[0]
    assert f"{slot.node}.{slot.input} (" in shown
    assert "steps" in shown
    assert "unless asked" in shown
    assert f"models/{model.folder}/{model.name}" in shown
    now, before = shown.splitlines()[-2:]
    assert f"{edit[:12]}  by an operator  this one" in now
    assert f"{EDIT_SPEC.digest[:12]}  by the catalogue" in before


async def test_the_graph_can_be_loaded_again(operator: Operator, edit: str, tmp_path: Path) -> None:
    """``--prompt`` prints nothing but the API-format graph."""
    out = (await operator.workflow("show", edit, "--prompt")).out

    original = json.loads((OWN / "qwen-edit-2509" / "prompt.json").read_text())
    graph = json.loads(out)
    assert {node: one["class_type"] for node, one in original.items()} == {
        node: one["class_type"] for node, one in graph.items()
    }
    assert {node: one["inputs"] for node, one in original.items()} == {
        node: one["inputs"] for node, one in graph.items()
    }


@pytest.mark.parametrize("name", ["nothing", "abcdef12", "555"])
async def test_what_is_not_there_is_said(operator: Operator, edit: str, name: str) -> None:
    """And how to see what there is."""
    done = await operator.workflow("show", name)

    assert (1, f"There is no workflow {name}.") == (done.code, done.err.partition(" See")[0])


async def test_an_older_version_is_shown_too(operator: Operator, edit: str) -> None:
    """Every version that ever was stays readable: it says that its command means another one now."""
    shown = (await operator.workflow("show", EDIT_SPEC.digest, "--json")).json

    assert ("", EDIT_SPEC.digest) == (shown["command"], shown["digest"])
    assert [EDIT_SPEC.digest, edit] == [one["digest"] for one in shown["history"]]


async def test_a_database_without_tables(postgres_url: str) -> None:
    """Nothing was ever started on it; that is said."""
    done = await Operator(DATABASE_URL=postgres_url).workflow("list")

    assert (1, "There are no workflows yet: start Darkroom once, with ./dev up.\n") == (done.code, done.err)


async def test_nothing_anywhere(tmp_path: Path) -> None:
    """Without a database, a folder or a stack: a sentence, and how to name them."""
    home = str(tmp_path / "home")
    listing = await Operator().workflow("list", "--data", home)
    binding = await Operator().workflow("bind", "/x", "mine", "--data", home)

    assert (1, 1) == (listing.code, binding.code)
    assert "Name its folder with --data, or DATABASE_URL." in listing.err
    assert f"./dev up --data {home}" in binding.err

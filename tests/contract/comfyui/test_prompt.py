"""POST /prompt: what is accepted, what is refused, and with which words."""

from __future__ import annotations

import uuid

import pytest

from tests.contract.comfyui.client import Comfy
from tests.contract.comfyui.graphs import fresh_prefix, node, plain
from tests.contract.comfyui.pictures import fresh_name


async def test_accepted(comfy: Comfy) -> None:
    """A good prompt answers 200 with its id, its number and no node errors."""
    status, body = await comfy.post_prompt(plain(), client_id="c")
    assert 200 == status
    assert {"prompt_id", "number", "node_errors"} == set(body)
    assert {} == body["node_errors"]


async def test_prompt_id_is_taken_verbatim(comfy: Comfy) -> None:
    """Any string can be a prompt_id, and the history is found under it."""
    mine = f"attempt {uuid.uuid4()} ü"
    assert mine == await comfy.submit(plain(), prompt_id=mine)
    assert "success" == (await comfy.entry(mine))["status"]["status_str"]


@pytest.mark.parametrize(("given", "expected"), [(None, "None"), (7, "7")])
async def test_prompt_id_becomes_a_string(comfy: Comfy, given: object, expected: str) -> None:
    """A prompt_id that is no string is turned into one; null into "None"."""
    assert expected == await comfy.submit(plain(), prompt_id=given)


async def test_prompt_id_is_no_idempotency_key(comfy: Comfy) -> None:
    """The same prompt_id runs again and overwrites its history."""
    mine = uuid.uuid4().hex
    first = await comfy.run(plain(), prompt_id=mine)
    await comfy.session.post("/history", json={"delete": [mine]})
    second = await comfy.run(plain(), prompt_id=mine)
    assert first["outputs"] != second["outputs"]


async def test_content_type_is_not_checked(comfy: Comfy) -> None:
    """JSON is read whatever the Content-Type says."""
    body = b'{"prompt": {}}'
    assert 400 == await comfy.status("POST", "/prompt", data=body, headers={"Content-Type": "text/plain"})


async def test_no_prompt(comfy: Comfy) -> None:
    """A body without a prompt is refused as such."""
    async with comfy.session.post("/prompt", json={"client_id": "c"}) as reply:
        assert 400 == reply.status
        assert "no_prompt" == (await reply.json())["error"]["type"]


async def test_no_outputs(comfy: Comfy) -> None:
    """A graph without an output node is refused."""
    status, body = await comfy.post_prompt({"1": plain()["1"]})
    assert (400, "prompt_no_outputs") == (status, body["error"]["type"])
    assert "Prompt has no outputs" == body["error"]["message"]


async def test_unknown_node(comfy: Comfy) -> None:
    """A node this server lacks is named in the message; node_errors stay empty."""
    status, body = await comfy.post_prompt(plain() | {"9": node("NoSuchNode")})
    assert (400, "invalid_prompt") == (status, body["error"]["type"])
    assert "NoSuchNode" in body["error"]["message"]
    assert {} == body["node_errors"]


async def test_node_without_class(comfy: Comfy) -> None:
    """A node that does not say what it is gets the whole prompt refused."""
    status, body = await comfy.post_prompt({"1": {"inputs": {}}})
    assert (400, "invalid_prompt", "Node ID '#1'") == (
        status,
        body["error"]["type"],
        body["error"]["details"],
    )


@pytest.mark.parametrize(
    ("change", "kind", "details"),
    [
        ({"width": 0}, "value_smaller_than_min", "width"),
        ({"width": 100_000}, "value_bigger_than_max", "width"),
        ({"width": "wide"}, "invalid_input_type", "width, wide, "),
        ({"width": ["2"]}, "bad_linked_input", "width"),
        ({"width": ["1", 0]}, "return_type_mismatch", "width, received_type(IMAGE) mismatch input_type(INT)"),
    ],
)
async def test_wrong_value(comfy: Comfy, change: dict[str, object], kind: str, details: str) -> None:
    """A wrong value is a typed error of its node, which also says which outputs hang on it."""
    graph = plain()
    graph["1"]["inputs"] |= change
    status, body = await comfy.post_prompt(graph)
    assert (400, "prompt_outputs_failed_validation") == (status, body["error"]["type"])
    blamed = body["node_errors"]["1"]
    assert ("EmptyImage", ["2"]) == (blamed["class_type"], blamed["dependent_outputs"])
    assert [kind] == [error["type"] for error in blamed["errors"]]
    assert blamed["errors"][0]["details"].startswith(details)
    assert "width" == blamed["errors"][0]["extra_info"]["input_name"]


async def test_reason_is_not_in_the_error(comfy: Comfy) -> None:
    """`error.details` is empty when the fault lies below the output; `node_errors` has it."""
    graph = plain()
    graph["1"]["inputs"]["width"] = 0
    _, body = await comfy.post_prompt(graph)
    assert "" == body["error"]["details"]
    assert "Value 0 smaller than min of 1" == body["node_errors"]["1"]["errors"][0]["message"]


async def test_missing_input(comfy: Comfy) -> None:
    """A required input that is not there is named."""
    graph = plain()
    del graph["2"]["inputs"]["images"]
    _, body = await comfy.post_prompt(graph)
    errors = body["node_errors"]["2"]["errors"]
    assert [("required_input_missing", "images")] == [(one["type"], one["details"]) for one in errors]
    assert "Required input is missing: images" == body["error"]["details"]


async def test_missing_model(comfy: Comfy) -> None:
    """A model file that is not there is a value that is not in the loader's list."""
    graph = {
        "1": node("VAELoader", vae_name="none.safetensors"),
        "2": node("EmptyImage", width=64, height=64, batch_size=1, color=0),
        "3": node("VAEEncode", pixels=["2", 0], vae=["1", 0]),
        "4": node("VAEDecode", samples=["3", 0], vae=["1", 0]),
        "5": node("SaveImage", images=["4", 0], filename_prefix=fresh_prefix()),
    }
    _, body = await comfy.post_prompt(graph)
    error = body["node_errors"]["1"]["errors"][0]
    assert ("value_not_in_list", "none.safetensors") == (error["type"], error["extra_info"]["received_value"])
    assert error["details"].startswith("vae_name: 'none.safetensors' not in ")


async def test_missing_picture(comfy: Comfy) -> None:
    """LoadImage checks its file itself, in words of its own."""
    name = fresh_name()
    graph = {"1": node("LoadImage", image=name), "2": node("PreviewImage", images=["1", 0])}
    _, body = await comfy.post_prompt(graph)
    error = body["node_errors"]["1"]["errors"][0]
    assert "custom_validation_failed" == error["type"]
    assert f"image - Invalid image file: {name}" == error["details"]


async def test_link_to_nowhere(comfy: Comfy) -> None:
    """A link to a node that is not there breaks the check of the node that has it."""
    graph = plain()
    graph["2"]["inputs"]["images"] = ["99", 0]
    _, body = await comfy.post_prompt(graph)
    error = body["node_errors"]["2"]["errors"][0]
    assert ("exception_during_validation", "'99'") == (error["type"], error["details"])


async def test_circle(comfy: Comfy) -> None:
    """Nodes that need each other are refused, and the server lives on."""
    graph = plain() | {"1": node("ImageInvert", image=["3", 0]), "3": node("ImageInvert", image=["1", 0])}
    status, _ = await comfy.post_prompt(graph)
    assert 400 == status
    assert "success" == (await comfy.run(plain()))["status"]["status_str"]


async def test_partly_valid(comfy: Comfy) -> None:
    """One bad output of two: 200 with node_errors, and only the good one runs."""
    graph = plain() | {"3": node("PreviewImage")}
    status, body = await comfy.post_prompt(graph, client_id="c")
    assert 200 == status
    assert "required_input_missing" == body["node_errors"]["3"]["errors"][0]["type"]
    assert ["2"] == list((await comfy.entry(body["prompt_id"]))["outputs"])


async def test_values_are_converted(comfy: Comfy) -> None:
    """A number in a string counts as the number, and the history shows the number."""
    graph = plain()
    graph["1"]["inputs"]["width"] = "64"
    entry = await comfy.run(graph)
    assert 64 == entry["prompt"][2]["1"]["inputs"]["width"]


async def test_partial_execution(comfy: Comfy) -> None:
    """partial_execution_targets runs only the outputs it names."""
    graph = plain() | {"3": node("PreviewImage", images=["1", 0])}
    entry = await comfy.run(graph, partial_execution_targets=["3"])
    assert ["3"] == list(entry["outputs"])

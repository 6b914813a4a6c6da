"""Files of unknown origin: an answer always, and never a surprise later."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.importing import FILE_BYTES_MAX, Choices, Studied, StudyRefused, StudyUnclear
from services.renderer.soundness import flaws
from tests.generated import values_of
from tests.unit.renderer.importing.asking import ask, definition, export, node, refused, studied, text_of

NAMES = ("text_to_image.api", "edit.api", "custom_sampler.api", "canvas.ui", "subgraph.ui")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["nodes", "links", "prompt", "inputs", "class_type", "id", "type", "1"])
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("wrapped", [{"prompt": ...}, {"prompt": [3, "id", ..., {}, ["2"]]}, {"output": ...}])
def test_a_graph_in_its_wrapping_is_found(wrapped: dict[str, Any]) -> None:
    """As it is posted, as the history keeps it, as the editor hands it on."""
    text = json.dumps({"client_id": "x", **wrapped}, default=lambda _: export("blank.api"))

    assert export("blank.api").keys() == definition(text).prompt.keys()


def test_what_others_add_to_a_node_is_left_out() -> None:
    """Programs write their own notes beside what ComfyUI reads."""
    graph = export("blank.api") | {"version": 3, "made by": {"name": "me"}}
    graph["1"] |= {"is_changed": [1], "_meta": {"title": "Blank", "color": "#111"}}

    prompt = definition(graph).prompt

    assert ({"1", "2"}, "Blank") == (prompt.keys(), prompt["1"].meta.title)


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", "not-json", "not JSON"),
        ("\x89PNG\r\n", "not-json", "at line 1, column 1."),
        ('{"1": {"class_type": "A", "inputs": {"a": NaN}}}', "not-json", "NaN, which is not a number"),
        ('{"1": {"class_type": "A", "inputs": {"a": -Infinity}}}', "not-json", "-Infinity"),
        ('{"1": {"class_type": "A", "inputs": {"a": 1e999}}}', "not-json", "too large"),
        (f'{{"a": {10**30}}}', "not-json", "no number ComfyUI can take"),
        (f'{{"a": {"9" * 5000}}}', "not-json", "too large"),
        ('{"1": {}, "1": {}}', "not-json", "'1' twice"),
        ('{"a": "\\ud800"}', "not-json", "not text"),
        ('{"a": "\\u0000"}', "not-json", "not text"),
        ("[" * 100_000, "not-json", "nested deeper"),
        (f"{'[' * 70}{']' * 70}", "not-json", "nested deeper than 64 levels"),
        (f'"{"x" * FILE_BYTES_MAX}"', "not-json", "larger than 700 kB"),
        ("[]", "not-a-workflow", "no workflow"),
        ('{"1": {"inputs": {}}}', "not-a-workflow", "no workflow"),
        ('{"1": {"class_type": "A"}, "2": {"inputs": {}}}', "not-a-workflow", "Node 2 has no class_type"),
        ('{"1": {"class_type": 3, "inputs": {}}}', "not-a-workflow", "Node 1 has no class_type that is text"),
        ('{"1": {"class_type": "A", "inputs": []}}', "not-a-workflow", "inputs that are not by name"),
        (
            '{"1": {"class_type": "A", "inputs": {"a": ["2", 0]}}}',
            "not-a-workflow",
            "Input 'a' of node 1 comes from node 2, which is not in the file.",
        ),
        (
            json.dumps({"1": node("A", a=["2", 0]), "2": node("A", a=["1", 0])}),
            "not-a-workflow",
            "in a circle: ",
        ),
        (json.dumps({str(one): node("A") for one in range(2001)}), "not-a-workflow", "more than 2000 nodes"),
        (
            json.dumps({"1": node("A", **{str(one): 1 for one in range(501)})}),
            "not-a-workflow",
            "more than 500 inputs",
        ),
        (
            json.dumps({"1": node("A" * 201)}),
            "not-a-workflow",
            "Node 1 has a name of more than 200 characters",
        ),
        ('{"nodes": [{"id": 1}], "links": []}', "not-a-workflow", "not as ComfyUI's editor writes it"),
        ('{"nodes": [], "links": [[1, 2]]}', "not-a-workflow", "not as ComfyUI's editor writes it"),
    ],
)
def test_what_is_no_workflow_is_refused_with_its_reason(text: str, code: str, says: str) -> None:
    """Most end with what to do instead."""
    answer = refused(text)

    assert code == answer.code
    assert says in answer.problems[0]


def test_a_mark_at_the_files_beginning_is_passed_over() -> None:
    """Windows programs put it there."""
    assert studied("\ufeff" + text_of("blank.api"))


def test_a_list_that_is_no_link_stays_a_value() -> None:
    """ComfyUI takes only a node's id and a number for a link; a number with a point is one as well."""
    graph = export("blank.api")
    graph["1"]["inputs"]["color"] = [1, 2]
    graph["2"]["inputs"]["images"] = ["1", 0.0]

    prompt = definition(graph).prompt

    assert ([1, 2], ["1", 0]) == (prompt["1"].inputs["color"], prompt["2"].inputs["images"])


@given(JSON)
@QUICK
def test_any_json_has_an_answer(value: Any) -> None:
    """Never an exception; and what is studied is sound and can be read again."""
    holds(json.dumps(value), {})


@given(st.text())
@QUICK
def test_any_text_has_an_answer(text: str) -> None:
    """Half a surrogate pair among it."""
    holds(text, {})


@given(st.sampled_from(NAMES), st.data())
@QUICK
def test_any_damage_to_a_real_export_has_an_answer(name: str, data: st.DataObject) -> None:
    """Some characters replaced, left out or doubled."""
    text = text_of(name)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 12))
        text = (
            text[:at]
            + data.draw(st.text(max_size=4) | st.sampled_from(["{", "]", '"', "null", "-1"]))
            + text[at + gone :]
        )

    holds(text, {})


@given(st.sampled_from(NAMES), st.data())
@QUICK
def test_any_value_in_a_real_export_has_an_answer(name: str, data: st.DataObject) -> None:
    """Something else in one place, so that the file stays JSON."""
    whole = export(name)
    place: Any = whole
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            break
        place = inner
    place[key] = data.draw(JSON)

    holds(json.dumps(whole), {})


@given(st.sampled_from(NAMES), values_of(Choices))
@QUICK
def test_any_choice_has_an_answer(name: str, choices: Choices) -> None:
    """Whatever the operator types."""
    holds(text_of(name), {one: getattr(choices, one) for one in choices.__struct_fields__})


def holds(text: str, choices: dict[str, Any]) -> None:
    """There is an answer, and a workflow in it could be registered."""
    answer = ask(text, **choices)
    match answer:
        case Studied():
            made = definition(text, **choices)
            assert [] == flaws(made)
            assert (answer.definition, answer.spec) == (made.text(), made.spec())
        case StudyUnclear():
            assert answer.questions
            assert all(question.candidates for question in answer.questions)
        case StudyRefused():
            assert answer.problems
            assert all(problem.endswith((".", ")")) for problem in answer.problems)

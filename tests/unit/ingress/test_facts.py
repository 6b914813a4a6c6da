"""Facts from elsewhere: names and numbers are shown, whatever else they are is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingress.facts import MOST_CHARS, line, name, plain
from services.ingress.sentences import SENTENCES
from services.ingress.texts import sentence

TRACEBACK = 'Traceback (most recent call last):\n  File "/home/ann/ComfyUI/nodes.py", line 7, in load'


@pytest.mark.parametrize(
    "given_name",
    [
        "flux1-schnell.safetensors",
        "KSampler (Efficient)",
        "Image Resize 🔧",
        "gpu, gpu-2",
        "0.5",
        "ModelMix|pysssss",
    ],
)
def test_names_are_shown(given_name: str) -> None:
    """As people give them to models, nodes and backends."""
    assert given_name == name(given_name)


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ("/home/ann/models/a.safetensors", "a.safetensors"),
        ("C:\\Users\\Ann\\a.safetensors", "a.safetensors"),
        ("flux/a.safetensors", "a.safetensors"),
        ("/home/ann/", ""),
    ],
)
def test_of_a_path_the_last_part_is_left(path: str, last: str) -> None:
    """Where on somebody's machine a model lies is nobody's business."""
    assert last == name(path)


@pytest.mark.parametrize(
    "malicious",
    [
        TRACEBACK,
        TRACEBACK.partition("\n")[0],
        "tensor([[0.1, 0.2]])",
        "tensor(1.5)",
        "{'cond': None}",
        "RuntimeError: CUDA error",
        "<script>",
        "two\nlines",
        "a\x1b[31mb",
        "a\u202eb",
        "x" * (MOST_CHARS + 1),
        "",
    ],
)
@pytest.mark.parametrize("code", ["missing-model", "missing-node", "backend-unreachable", "node-failed"])
def test_nothing_else_is_shown(malicious: str, code: str) -> None:
    """Neither by itself nor in a sentence."""
    facts = dict.fromkeys(("model", "node", "backend", "class", "reason", "folder"), malicious)
    said = sentence(code, {"command": "f", **plain(facts)})

    assert "" == name(malicious)
    assert not malicious or malicious not in said
    assert said


@given(st.sampled_from(sorted(SENTENCES)), st.text(), st.text())
def test_no_fact_breaks_a_sentence(code: str, key: str, value: str) -> None:
    """However long or odd a fact is: no line is broken by it, and no path is left in it."""
    facts = dict.fromkeys(("model", "node", "backend", "limit", "most", "name", "value", key), value)
    shown = plain({k: v for k, v in facts.items() if k not in {"commands", "jobs", "tree", "known"}})

    assert all(len(fact) <= MOST_CHARS for fact in shown.values())
    assert all(fact.isprintable() and not set("/\\") & set(fact) for fact in shown.values())
    assert sentence(code, {"command": "f", **shown})


@given(st.text(), st.integers(1, 100))
def test_a_title_stays_on_its_line(text: str, most: int) -> None:
    """And within its length."""
    shown = line(text, most)

    assert len(shown) <= most
    assert shown.isprintable()

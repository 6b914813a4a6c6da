"""Sentences of the page."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from services.ingress import web
from services.ingress.web.wording import sentence

FOLDER = Path(web.__file__).parent


def codes() -> set[str]:
    """Every code that the web chat's own modules raise."""
    found: set[str] = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"ProblemError", "Slots"}:
                constants = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                found |= {value for value in constants if isinstance(value, str)}
    return found


@pytest.mark.parametrize("code", sorted(codes() | {"nats-down", "no-answer", "waiting", "simulated"}))
def test_every_code_has_a_sentence(code: str) -> None:
    """One that a person can read, and not the one for codes that nobody foresaw."""
    said = sentence(code, {"most": "3", "limit": "20 MB"})

    assert said.endswith(".")
    assert f"({code})" not in said

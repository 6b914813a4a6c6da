"""Every code that a service can give a person has a sentence: the codes are looked for in the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from services.ingress.sentences import SENTENCES
from services.ingress.texts import sentence

SERVICES = Path(__file__).parents[2] / "services"
# Where the command line is answered, and not a person in a chat.
FOR_THE_OPERATOR = ("renderer/importing/", "renderer/studies.py", "renderer/study")
SLUG = re.compile(r"[a-z]+(-[a-z0-9]+)*")
TOLD = re.compile(r"\w*(Error|Refusal|Said|said|_fail|_failure|_refuse|_refused|failed|refusal)")

NO_PERSON_HEARS = {
    "already-underway": "the order comes again",
    "body-refused": "our own request, and the tunnel's word about it is only logged",
    "bug": "the message is parked",
    "called-off": "nobody wants it",
    "claimed": "the message took effect before",
    "config": "the service does not start",
    "digest-differs": "a workflow of another version is parked",
    "done-first": "it is told as what was made",
    "forgotten": "there is nobody to tell",
    "key-missing": "the command is parked",
    "no-streams": "the service is not ready yet",
    "observer-blind": "the operator hears it, a person that nothing is proved",
    "not-an-order": "what can't be read is parked",
    "not-stopped-yet": "it is looked at again",
    "not-theirs": "whoever said it is not a person, and it is parked",
    "postgres-down": "the message comes again",
    "projection-differs": "replay says it to the operator",
    "prompt-busy": "the purge is tried again",
    "rejected": "a base of others",
    "retryable": "a base of others",
    "route-refused": "the tunnel's word, and only logged",
    "service": "a base of others",
    "spoilt": "told as the failure that it holds",
    "stopping": "the order comes again",
    "stream-version": "told as projection-differs",
    "tunnel-down": "the order comes again",
    "unavailable": "a base of others",
    "undecodable": "what can't be read is parked",
    "unknown-format": "told as unknown-output",
    "unreadable-media": "told as unreadable-output",
    "version-conflict": "done again at once",
}


def codes_in(tree: ast.AST) -> Iterator[str]:
    """Codes by what they are given to: a class's ``code``, a keyword ``code``, an error's first argument."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id="code")], value=value):
                yield from constants(value)
            case ast.keyword(arg="code", value=value):
                yield from constants(value)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[first, *_]):
                if TOLD.fullmatch(name):
                    yield from constants(first)
            case _:
                pass


def constants(value: ast.expr) -> Iterator[str]:
    """Every string that *value* may be."""
    match value:
        case ast.Constant(value=str() as text) if SLUG.fullmatch(text):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from constants(body)
            yield from constants(other)
        case _:
            return


def found_codes() -> dict[str, str]:
    """Each code with the first file that has it."""
    codes: dict[str, str] = {}
    for service in ("common", "orchestrator", "renderer"):
        for path in sorted((SERVICES / service).rglob("*.py")):
            name = path.relative_to(SERVICES).as_posix()
            if not name.startswith(FOR_THE_OPERATOR):
                for code in codes_in(ast.parse(path.read_text())):
                    codes.setdefault(code, name)
    return codes


CODES = found_codes()
# More than any one code brings, so that only a missing sentence is missed.
FACTS = {name: "x" for said in SENTENCES.values() for _, name, _, _ in Formatter().parse(said) if name}


def test_the_search_finds_codes() -> None:
    """One of each way in which the source gives them."""
    expected = {
        "missing-model",  # AttemptFailedError("…")
        "queue-full",  # Refusal("…")
        "queue-empty",  # said("…")
        "waiting-for-backend",  # code="…"
        "backend-wedged",
        "media-missing",  # a class's code
    }

    assert expected <= CODES.keys()


@pytest.mark.parametrize("code", sorted(CODES.keys() - NO_PERSON_HEARS.keys()))
def test_a_person_reads_a_sentence(code: str) -> None:
    """And not the code itself, which is what is said for want of a sentence."""
    assert f"({code})" not in sentence(code, FACTS), CODES[code]


def test_nothing_is_excused_that_is_not_there() -> None:
    """The list of what nobody hears does not outlive its codes."""
    tunnel = {
        code for path in (SERVICES / "tunnel").glob("*.py") for code in codes_in(ast.parse(path.read_text()))
    }

    assert set() == NO_PERSON_HEARS.keys() - CODES.keys() - tunnel

"""Given a code and its facts, then this sentence."""

from __future__ import annotations

from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingress.sentences import SENTENCES
from services.ingress.texts import sentence

TEXT = st.text(max_size=20)
CORRECT = "Please correct it and send it again."
LEAVE_OUT = "leave --neg out, and send it again."
AS_IT_IS = "If it is part of what you want to see, put -- before it."


@pytest.mark.parametrize(
    ("code", "details", "said"),
    [
        (
            "bad-parameter",
            {"name": "--seed", "value": "x", "allowed": "a whole number"},
            "--seed has to be a whole number, not x. " + CORRECT,
        ),
        (
            "bad-parameter",
            {"name": "width_px", "value": "1000", "least": "256", "most": "2048", "multiple_of": "16"},
            "The width in --size has to be from 256 to 2048 in steps of 16, not 1000. " + CORRECT,
        ),
        (
            "bad-parameter",
            {"name": "steps", "value": "99", "least": "1", "most": "50", "multiple_of": "1"},
            "--steps has to be from 1 to 50, not 99. " + CORRECT,
        ),
        (
            "unknown-parameter",
            {"parameter": "--foo"},
            "I don't know --foo. There are --seed, --size, --steps, --cfg, --neg, -n. " + AS_IT_IS,
        ),
        (
            "unknown-command",
            {"command": "foo", "known": "f qwen"},
            "There is no /foo here. There are /f /qwen, and /help tells more.",
        ),
        ("unknown-command", {"command": "foo"}, "There is no /foo here. /help tells what there is."),
        (
            "parameter-not-taken",
            {"command": "f", "name": "cfg"},
            "/f doesn't take --cfg. Leave it out and send it again.",
        ),
        (
            "parameter-not-taken",
            {"command": "f", "name": "negative"},
            "/f doesn't take --neg. Leave it out and send it again.",
        ),
        (
            "negative-needs-cfg",
            {"command": "qwen", "most": "4"},
            "/qwen looks at --neg only where --cfg is above 1 (up to 4). Add that, or " + LEAVE_OUT,
        ),
        (
            "takes-at-most",
            {"command": "qwen", "most": "3"},
            "/qwen works with up to 3 pictures at once. Send fewer.",
        ),
        (
            "backend-unreachable",
            {"reason": "backend-refused"},
            "The machine that makes the pictures is off or out of reach. Please try again later.",
        ),
        (
            "queue",
            {"jobs": "/f\trunning\t0\t0\n/qwen\tqueued\t2\t95", "total": "5"},
            "5 in all, of which yours:\n/f: being made\n/qwen: 2nd in line, about 2 min",
        ),
        ("tree", {"tree": "1. /f"}, "1. /f"),
    ],
)
def test_sentence(code: str, details: dict[str, str], said: str) -> None:
    """It says what is wrong and what to do."""
    assert said == sentence(code, details)


@pytest.mark.parametrize("code", ["never-heard-of", "too-large", ""])
def test_sentence_for_what_is_not_known(code: str) -> None:
    """Without its facts, or unknown here, a code gets a sentence that names it."""
    assert f"That did not work ({code})." in sentence(code, {})


@pytest.mark.parametrize("code", ["missing-model", "missing-node"])
def test_what_is_missing_is_named(code: str) -> None:
    """What, and where if that is known."""
    facts = {"command": "f", "model": "flux.safetensors", "node": "flux.safetensors"}

    assert "flux.safetensors is missing" in sentence(code, facts)
    assert "(gpu)" in sentence(code, {**facts, "backend": "gpu"})


def test_help_lists_what_can_be_made() -> None:
    """Each command with its shape, title and parameters; without any, the reason."""
    facts = "/f\timage\tFLUX\twords\t0\t0\twidth_px height_px steps\n/invert\tedit\tInvert\t\t1\t1\t"

    assert "/f words · FLUX · --size --steps\n/invert a picture · Invert\n" in sentence(
        "help", {"commands": facts}
    )


def test_help_of_before_is_still_read() -> None:
    """The log holds answers that said less."""
    told = sentence("help", {"commands": "/f\timage\tFLUX schnell\n/qwen\tedit\tQwen edit"})

    assert "/f words · FLUX schnell\n/qwen what to change · Qwen edit" in told
    assert "no machine is connected" in sentence("help", {"commands": ""})


def test_only_telegram_is_told_of_telegram() -> None:
    """The web chat does not have that party."""
    assert "Telegram" in sentence("privacy", {"channel": "telegram"})
    assert "Telegram" not in sentence("privacy", {"channel": "web"})


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "tunnel\tverified\tanon\tverified\t7200\t12",
            "At the tunnel: everything goes through the anonymity network (for 2 h, checked 12 s ago).",
        ),
        (
            "renderer\tverified\tdirect\tverified\t7200\t",
            "Where pictures are sent off: nothing leaves the machine this runs on.",
        ),
        ("tunnel\tleaked\tanon\tdns-asked\t1\t1", "something goes around the tunnel (dns-asked)"),
        ("tunnel\tinconclusive\tanon\ttunnel-down\t1\t1", "not proved just now, the tunnel is down"),
        ("tunnel\tinconclusive\tanon\tobserver-blind\t1\t1", "not proved just now, observer-blind"),
        ("tunnel\t\t\t\t\t", "At the tunnel: never checked."),
    ],
)
def test_privacy_tells_what_was_proved(row: str, told: str) -> None:
    """At each position, since when, and when it was last looked."""
    assert told in sentence("privacy", {"channel": "web", "egress": row})


def test_privacy_of_before_is_still_read() -> None:
    """The log holds answers that told nothing of it, and what can't be read is left out."""
    assert "Whether that is so now" not in sentence("privacy", {"channel": "web"})
    assert "Whether that is so now" not in sentence("privacy", {"channel": "web", "egress": "tunnel\tx"})


@pytest.mark.parametrize("code", SENTENCES)
def test_every_sentence_is_whole(code: str) -> None:
    """With all its facts no sentence has a hole or a stray brace."""
    details = {name: "something" for _, name, _, _ in Formatter().parse(SENTENCES[code]) if name}
    said = sentence(code, details)

    assert f"({code})" not in said
    assert not set("{}") & set(said)
    assert said == said.strip()


@given(
    st.one_of(st.sampled_from([*SENTENCES, "help", "queue", "tree", "bad-parameter"]), TEXT),
    st.dictionaries(TEXT, TEXT),
)
def test_nothing_raises(code: str, details: dict[str, str]) -> None:
    """Whatever an orchestrator of another version says, a person reads something."""
    assert sentence(code, details)

"""What to say for a code: what is wrong, and what to do about it. Pure; no code makes it raise."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.ingress import answers, proof
from services.ingress.facts import line
from services.ingress.flags import FLAGS
from services.ingress.sentences import SENTENCES

Details = Mapping[str, str]

# The fields of RenderParams, and the other words, as a person types them.
_PARAMETERS = {
    "seed": "--seed",
    "width_px": "the width in --size",
    "height_px": "the height in --size",
    "steps": "--steps",
    "cfg": "--cfg",
    "count": "-n",
    "negative": "--neg",
}


def sentence(code: str, details: Details) -> str:
    """The words for *code*; without its details, or unknown, a sentence that holds the code."""
    special = _SPECIAL.get(code)
    if special is not None:
        return special(details)
    backend = details.get("backend", "")
    words = {"at": f" ({backend})" if backend else "", "by_channel": _by_channel(details), **details}
    words["egress"] = _proof(details)
    if "name" in words:
        words["name"] = _parameter(words["name"])
    try:
        return SENTENCES[code].format_map(words)
    except KeyError:
        return (
            f"That did not work ({code}). Please try again, and tell whoever runs this studio if it goes on."
        )


def _parameter(name: str) -> str:
    return _PARAMETERS.get(name, name)


def _bad_parameter(details: Details) -> str:
    name = _parameter(details.get("name", "a parameter"))
    value = details.get("value", "")
    allowed = details.get("allowed") or _range(details)
    told = f", not {value}" if value else ""
    return f"{name[:1].upper()}{name[1:]} has to be {allowed}{told}. Please correct it and send it again."


def _range(details: Details) -> str:
    words = f"from {details.get('least', '?')} to {details.get('most', '?')}"
    step = details.get("multiple_of", "1")
    return words if step in {"0", "1"} else f"{words} in steps of {step}"


def _unknown_parameter(details: Details) -> str:
    known = ", ".join(flag.shown for flag in FLAGS)
    return (
        f"I don't know {details.get('parameter', 'that parameter')}. There are {known}. "
        "If it is part of what you want to see, put -- before it."
    )


def _unknown_command(details: Details) -> str:
    known = " ".join(f"/{line(name)}" for name in details.get("known", "").split())
    there = f"There are {known}, and /help tells more." if known else "/help tells what there is."
    return f"There is no /{details.get('command', '')} here. {there}"


def _by_channel(details: Details) -> str:
    return ", and Telegram sees all that passes through it" if details.get("channel") == "telegram" else ""


def _proof(details: Details) -> str:
    lines = proof.told(details.get("egress", ""))
    return f"\nWhether that is so now:\n{lines}" if lines else ""


_SPECIAL: dict[str, Callable[[Details], str]] = {
    "bad-parameter": _bad_parameter,
    "unknown-parameter": _unknown_parameter,
    "unknown-command": _unknown_command,
    "help": answers.overview,
    "queue": answers.queue,
    "tree": answers.tree,
}

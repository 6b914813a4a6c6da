"""POST /prompt's check: every output with all that it needs. Values are converted in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from msgspec import Struct

from services.devstack.comfyui.installation import Installation
from services.devstack.comfyui.nodes.library import Library
from services.devstack.comfyui.nodes.spec import Input, Node, typed

from . import complaints
from .complaints import Complaint
from .types import Prompt

# What a prompt of the wrong shape makes the check itself raise; the real server reports these as complaints.
_SHAPE_ERRORS = (AttributeError, LookupError, RecursionError, TypeError, ValueError)

_CONVERSIONS: dict[str, Callable[[Any], Any]] = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}
_ANY = "*"


class Verdict(Struct, frozen=True, kw_only=True):
    """`error` is None when at least one output can run; `node_errors` may be filled all the same."""

    error: Complaint | None
    outputs: list[str]
    node_errors: dict[str, Any]


def validate(prompt: Prompt, library: Library, here: Installation, targets: list[str] | None) -> Verdict:
    """
    Judge *prompt*.

    Args:
        prompt: API format, not trusted.
        library: Nodes of this server.
        here: Files that lists of choices name.
        targets: Only these outputs are wanted; None for all.

    Raises:
        TypeError: The prompt is no object of objects. The real server answers 500 to that, too.
    """
    outputs: list[str] = []
    for node_id, node in prompt.items():
        if "class_type" not in node:
            return _rejected(complaints.missing_class(node_id))
        known = library.get(node["class_type"])
        if known is None:
            return _rejected(complaints.unknown_class(node_id, node["class_type"]))
        if known.is_output and (targets is None or node_id in targets):
            outputs.append(node_id)
    if not outputs:
        return _rejected(complaints.complaint("prompt_no_outputs", "Prompt has no outputs"))
    return _Check(prompt, library, here).judge(outputs)


def _rejected(error: Complaint) -> Verdict:
    return Verdict(error=error, outputs=[], node_errors={})


class _Check:
    def __init__(self, prompt: Prompt, library: Library, here: Installation) -> None:
        self._prompt = prompt
        self._library = library
        self._here = here
        self._verdicts: dict[str, tuple[bool, list[Complaint]]] = {}

    def judge(self, outputs: list[str]) -> Verdict:
        good: list[str] = []
        reasons: list[Complaint] = []
        node_errors: dict[str, Any] = {}
        for output in outputs:
            try:
                valid, found = self._node(output)
            except _SHAPE_ERRORS as error:
                valid, found = self._verdicts[output] = False, [complaints.crashed(error)]
            if valid:
                good.append(output)
                continue
            reasons += found
            self._blame(output, node_errors)
        if good:
            return Verdict(error=None, outputs=good, node_errors=node_errors)
        details = "\n".join(f"{one['message']}: {one['details']}" for one in reasons)
        error = complaints.complaint(
            "prompt_outputs_failed_validation", "Prompt outputs failed validation", details
        )
        return Verdict(error=error, outputs=[], node_errors=node_errors)

    def _blame(self, output: str, node_errors: dict[str, Any]) -> None:
        """File every complaint found so far; as on the real server, under each output that failed since."""
        for node_id, (valid, found) in self._verdicts.items():
            if valid or not found:
                continue
            class_type = self._prompt[node_id]["class_type"]
            empty: dict[str, Any] = {"errors": found, "dependent_outputs": [], "class_type": class_type}
            node_errors.setdefault(node_id, empty)["dependent_outputs"].append(output)

    def _node(self, node_id: str) -> tuple[bool, list[Complaint]]:
        if node_id in self._verdicts:
            return self._verdicts[node_id]
        inputs: dict[str, Any] = self._prompt[node_id]["inputs"]
        node = self._library[self._prompt[node_id]["class_type"]]
        found: list[Complaint] = []
        below = True
        for one in node.inputs:
            if one.name not in inputs:
                if one.required:
                    found.append(complaints.input_missing(one.name))
            elif isinstance(inputs[one.name], list):
                below = self._link(one, node, inputs[one.name], found) and below
            else:
                self._value(one, node, inputs, found)
        found += self._own_checks(node, inputs)
        verdict = self._verdicts[node_id] = (below and not found, found)
        return verdict

    def _link(self, one: Input, node: Node, link: list[Any], found: list[Complaint]) -> bool:
        """Check a link and what is below it; False when only something below is wrong."""
        config = typed(one, node, self._here)
        if len(link) != 2:
            found.append(complaints.bad_link(one.name, config, link))
            return True
        source = self._prompt[link[0]]
        slot: int = link[1]
        received = self._library[source["class_type"]].outputs[slot]
        if not _fits(received, config[0]):
            found.append(complaints.wrong_type(one.name, config, received, link))
            return True
        try:
            return self._node(link[0])[0]
        except _SHAPE_ERRORS as error:
            reason = complaints.crashed(error, linked=(one.name, config, link))
            self._verdicts[link[0]] = (False, [reason])
            return False

    def _value(self, one: Input, node: Node, inputs: dict[str, Any], found: list[Complaint]) -> None:
        config = typed(one, node, self._here)
        value: Any = inputs[one.name]
        try:
            if isinstance(value, dict) and "__value__" in value:  # how the front end wraps a plain list
                value = inputs[one.name] = cast("dict[str, Any]", value)["__value__"]
            if isinstance(config[0], str) and config[0] in _CONVERSIONS:
                value = inputs[one.name] = _CONVERSIONS[config[0]](value)
        except (TypeError, ValueError, OverflowError) as error:
            found.append(complaints.not_convertible(one.name, config, value, error))
            return
        if one.name in node.checks:
            return
        if "min" in one.meta and value < one.meta["min"]:
            found.append(complaints.too_small(one.name, config, value, one.meta["min"]))
        elif "max" in one.meta and value > one.meta["max"]:
            found.append(complaints.too_big(one.name, config, value, one.meta["max"]))
        elif one.options is not None:
            options = one.options(self._here)
            if value not in options:
                found.append(complaints.not_in_list(one.name, config, value, options))

    def _own_checks(self, node: Node, inputs: dict[str, Any]) -> list[Complaint]:
        reasons = {
            name: check(self._here, None if isinstance(inputs[name], list) else inputs[name])
            for name, check in node.checks.items()
            if name in inputs
        }
        return [complaints.refused(name, reason) for name, reason in reasons.items() if reason is not None]


def _fits(received: str, wanted: Any) -> bool:
    return received == wanted or _ANY in (received, wanted)  # a tuple: lists of choices have no hash

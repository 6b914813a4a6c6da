"""What earlier prompts left behind. Only the last prompt's nodes are kept, as in ComfyUI's classic cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from services.devstack.comfyui.installation import Installation
from services.devstack.comfyui.nodes.library import Library

from .types import Prompt, is_link


class Cached(Struct, frozen=True, kw_only=True):
    """Outputs of a node that ran, and what it showed."""

    outputs: tuple[Any, ...]
    shown: dict[str, Any] | None


class OutputCache:
    """Results by signature: same class, same inputs, same everything below, whatever the node ids are."""

    def __init__(self, library: Library, here: Installation) -> None:
        self._library = library
        self._here = here
        self._entries: dict[str, Cached] = {}
        self._signatures: dict[str, str] = {}

    def set_prompt(self, prompt: Prompt) -> None:
        """Sign *prompt*'s nodes and forget what none of them can use. Reads input files: slow."""
        signer = _Signer(prompt, self._library, self._here)
        self._signatures = {node_id: signer.sign(node_id) for node_id in prompt}
        used = set(self._signatures.values())
        self._entries = {key: value for key, value in self._entries.items() if key in used}

    def get(self, node_id: str) -> Cached | None:
        """What a node of the present prompt gave."""
        return self._entries.get(self._signatures[node_id])

    def put(self, node_id: str, result: Cached) -> None:
        """Keep what a node of the present prompt gave."""
        self._entries[self._signatures[node_id]] = result

    def clear(self) -> None:
        """Forget everything, as /free with free_memory does."""
        self._entries = {}


class _Signer:
    def __init__(self, prompt: Prompt, library: Library, here: Installation) -> None:
        self._prompt = prompt
        self._library = library
        self._here = here
        self._known: dict[str, str] = {}

    def sign(self, node_id: str) -> str:
        if node_id not in self._known:
            self._known[node_id] = f"circle {id(self)}"  # stands while the node is being signed
            self._known[node_id] = self._signed(node_id)
        return self._known[node_id]

    def _signed(self, node_id: str) -> str:
        if node_id not in self._prompt:
            return f"missing {id(self)}"
        node = self._prompt[node_id]
        inputs = {
            name: ["link", self.sign(value[0]), value[1]] if is_link(value) else ["value", value]
            for name, value in node["inputs"].items()
        }
        identity = [node["class_type"], self._fingerprint(node), inputs]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    def _fingerprint(self, node: Mapping[str, Any]) -> str | None:
        fingerprint = self._library[node["class_type"]].fingerprint
        if fingerprint is None:
            return None
        try:
            return fingerprint(self._here, node["inputs"])
        except OSError:
            return f"unreadable {id(self)}"  # never equal: the node runs, and fails for itself

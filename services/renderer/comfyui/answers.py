"""ComfyUI's JSON, as far as it is read. Unknown fields are ignored: newer servers send more."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import msgspec
from msgspec import Struct

from services.renderer.comfyui import python_json
from services.renderer.errors import UnexpectedAnswerError

T = TypeVar("T")


class System(Struct, frozen=True, kw_only=True):
    """``system`` of /system_stats."""

    comfyui_version: str = ""
    pytorch_version: str = ""


class Device(Struct, frozen=True, kw_only=True):
    """One of its ``devices``."""

    name: str = ""


class SystemStats(Struct, frozen=True, kw_only=True):
    """/system_stats, without what it gives away of the host."""

    system: System = System()
    devices: tuple[Device, ...] = ()


class ExecInfo(Struct, frozen=True, kw_only=True):
    """``exec_info`` of GET /prompt."""

    queue_remaining: int = 0


class QueueLength(Struct, frozen=True, kw_only=True):
    """GET /prompt: all that is told of the queue without everybody's words."""

    exec_info: ExecInfo = ExecInfo()


class Queue(Struct, frozen=True, kw_only=True):
    """/queue. An item is a list: number, prompt id, graph, extra data, outputs."""

    queue_running: list[list[Any]] = []
    queue_pending: list[list[Any]] = []


class Status(Struct, frozen=True, kw_only=True):
    """How a prompt ended; each of ``messages`` is an event's name and its data."""

    status_str: str = ""
    messages: list[list[Any]] = []

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """The messages that are what they should be."""
        return [
            (message[0], cast("dict[str, Any]", message[1]))
            for message in self.messages
            if len(message) == 2 and isinstance(message[0], str) and isinstance(message[1], dict)
        ]


Outputs = dict[str, dict[str, Any]]
"""What nodes show for themselves, by node: lists of files under names of their own, and more."""


class Ended(Struct, frozen=True, kw_only=True):
    """A prompt in the history. ``status`` is missing where an old server did not keep one."""

    outputs: Outputs = {}
    status: Status | None = None

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What was told of it, in order."""
        return self.status.events() if self.status else []

    def last(self, event: str) -> dict[str, Any]:
        """Data of the last *event*; empty when there was none."""
        found = [data for name, data in self.events() if name == event]
        return found[-1] if found else {}


class NodeComplaint(Struct, frozen=True, kw_only=True):
    """One thing wrong with a node, or with the prompt as a whole."""

    type: str = ""
    message: str = ""
    details: str = ""
    extra_info: dict[str, Any] = {}


class NodeErrors(Struct, frozen=True, kw_only=True):
    """All that is wrong with one node, and the outputs that are not made because of it."""

    class_type: str = ""
    errors: list[NodeComplaint] = []
    dependent_outputs: list[str] = []


class Refusal(Struct, frozen=True, kw_only=True):
    """
    /prompt's answer. A 400's reason is in ``node_errors`` more often than in ``error``; a 200 can have some
    too: of several outputs only the valid ones are rendered then.
    """

    error: NodeComplaint | str = ""
    # An empty one is a list on some servers.
    node_errors: dict[str, NodeErrors] | list[Any] = []

    def errors(self) -> dict[str, NodeErrors]:
        """The nodes complained about, by id."""
        return {} if isinstance(self.node_errors, list) else self.node_errors

    def complaints(self) -> list[tuple[str, str, NodeComplaint]]:
        """Node id, class and complaint, for every node complained about."""
        return [
            (node_id, node.class_type, one) for node_id, node in self.errors().items() for one in node.errors
        ]


class Uploaded(Struct, frozen=True, kw_only=True):
    """/upload/image: the name it was really stored under."""

    name: str
    subfolder: str = ""


class HostCard(Struct, frozen=True, kw_only=True):
    """/darkroom/host: what the tunnel beside a backend can do, if there is one."""

    version: int
    purges_files: bool = False


class HostPurge(Struct, frozen=True, kw_only=True):
    """/darkroom/purge: what it deleted; ``kept`` inputs are needed by others and go later."""

    files: int = 0
    inputs: int = 0
    history: bool = False
    kept: int = 0


def read(body: bytes, kind: type[T]) -> T:
    """
    Decode an answer.

    Raises:
        UnexpectedAnswerError: It is not of that shape.
    """
    try:
        return python_json.decode(body, kind)
    except msgspec.MsgspecError as exc:
        raise UnexpectedAnswerError(f"not ComfyUI's answer: {exc}") from exc

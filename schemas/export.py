"""
Write the JSON Schema of everything that travels or rests: `python -m schemas.export`.

A test compares the folder with the types, so that a change of shape is seen in review.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from schemas.commands import Command
from schemas.dispatch import Dispatch
from schemas.envelope import Message, Recorded
from schemas.events import WireEvent
from schemas.facts import Fact
from schemas.importing import StudyAnswer, StudyWorkflow
from schemas.progress import Progress
from schemas.queries import Answer, Query
from schemas.replies import Reply

FOLDER = Path(__file__).parent / "jsonschema"

EXPORTED: dict[str, Any] = {
    "events": WireEvent,
    "recorded": Recorded,
    "inbox": Message[Command | Fact],
    "render": Message[Dispatch],
    "replies": Message[Reply],
    "progress": Progress,
    "queries": Query,
    "answers": Answer,
    "study": StudyWorkflow,
    "study-answers": StudyAnswer,
}


def schema(name: str) -> bytes:
    """The JSON Schema of one export, formatted for reading."""
    return (
        msgspec.json.format(
            msgspec.json.encode(msgspec.json.schema(EXPORTED[name]), order="sorted"), indent=2
        )
        + b"\n"
    )


def main() -> None:
    """Write every schema."""
    FOLDER.mkdir(exist_ok=True)
    for name in EXPORTED:
        (FOLDER / f"{name}.json").write_bytes(schema(name))


if __name__ == "__main__":
    main()

"""What was ever written is read for ever: one golden sample per tag."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from schemas import codec, export
from schemas.commands import Command
from schemas.dispatch import Dispatch
from schemas.events import WireEvent
from schemas.events.workflow import WorkflowRegistered
from schemas.facts import Fact
from schemas.importing import StudyAnswer, StudyWorkflow
from schemas.queries import Answer, Query
from tests.builders import EVENTS, MESSAGES, SPEC, members, tag

SAMPLES = Path(export.__file__).parent / "samples"
_UNIONS = (WireEvent, Command, Fact, Dispatch, Query, Answer, StudyWorkflow, StudyAnswer)
_TAGS = sorted({tag(member) for union in _UNIONS for member in members(union)})
_EXAMPLES = {tag(value): value for value in (*EVENTS, *MESSAGES)}


@pytest.mark.parametrize("name", _TAGS)
def test_every_tag_has_a_sample(name: str) -> None:
    """A new kind of event or message comes with a sample: `python -m tests.contract.write_samples`."""
    assert (SAMPLES / f"{name}.json").exists()


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_a_sample_still_means_what_it_meant(path: Path) -> None:
    """Bytes of every version decode to the value they were written from, and nothing in them is dropped."""
    value = _EXAMPLES[path.stem]
    data = path.read_bytes().strip()
    union: Any = next(u for u in (*_UNIONS, type(value)) if path.stem in {tag(m) for m in members(u)})

    assert value == msgspec.json.decode(data, type=union)
    # A field that was added since, with a default, is not in the sample.
    assert (
        msgspec.json.decode(data, type=dict).items()
        <= msgspec.json.decode(codec.encode(value), type=dict).items()
    )


@pytest.mark.parametrize("name", list(export.EXPORTED))
def test_the_exported_schema_is_current(name: str) -> None:
    """A change of shape is seen in review: `python -m schemas.export` writes the files anew."""
    assert export.schema(name) == (export.FOLDER / f"{name}.json").read_bytes()


def test_an_event_with_a_field_from_the_future_is_read() -> None:
    """A newer service may add an optional field; an older one ignores it."""
    data = msgspec.json.decode((SAMPLES / "job.dispatched.v1.json").read_bytes())
    data["added_later"] = {"anything": 1}

    assert _EXAMPLES["job.dispatched.v1"] == codec.decode_event(msgspec.json.encode(data))


def test_a_workflow_of_before_takes_what_it_took() -> None:
    """It was registered when nobody asked whether it takes a seed, or words of what must not be seen."""
    data = msgspec.json.decode((SAMPLES / "workflow.registered.v1.json").read_bytes())
    for since in ("takes_prompt", "takes_negative", "takes_seed"):
        del data["spec"][since]
    event = codec.decode_event(msgspec.json.encode(data))

    assert isinstance(event, WorkflowRegistered)
    assert replace(SPEC, takes_negative=True) == event.spec


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{}", b'{"type":"job.dispatched.v9"}', b'{"type":"job.dispatched.v1"}']
)
def test_what_is_no_event_is_refused(data: bytes) -> None:
    """Bytes that are not a known event raise, and never become some other event."""
    with pytest.raises(msgspec.DecodeError):
        codec.decode_event(data)

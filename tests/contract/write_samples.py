"""Write the missing samples, never an existing one: `python -m tests.contract.write_samples`."""

from __future__ import annotations

from schemas import codec
from tests.builders import EVENTS, MESSAGES, tag
from tests.contract.test_samples import SAMPLES

if __name__ == "__main__":
    SAMPLES.mkdir(exist_ok=True)
    for value in (*EVENTS, *MESSAGES):
        path = SAMPLES / f"{tag(value)}.json"
        if not path.exists():
            path.write_bytes(codec.encode(value) + b"\n")
            print(path.name)  # noqa: T201  a command that says what it did

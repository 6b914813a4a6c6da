"""Asking a renderer what a file would be as a workflow."""

from __future__ import annotations

from pathlib import Path

import msgspec

from schemas import codec, subjects
from schemas.importing import FILE_BYTES_MAX, StudyAnswer, StudyWorkflow
from services.common import bus as bus_module
from services.common.bus import TooLargeError
from services.common.errors import ConfigError, UnavailableError

_ANSWER_S = 60.0  # /object_info of a large installation comes slowly through an anonymity network
_NAME_CHARS = 100


def read(file: Path) -> str:
    """
    The exported file.

    Raises:
        ConfigError: It can't be read, or not be sent.
    """
    try:
        data = file.read_bytes()
    except OSError as exc:
        raise ConfigError(f"{file} can't be read: {exc.strerror}.") from exc
    if len(data) > FILE_BYTES_MAX:
        raise ConfigError(
            f"{file} has {len(data):,} bytes, and a workflow of more than {FILE_BYTES_MAX:,} can't be sent. "
            "Export it with Workflow, then Export (API), which leaves out what only the editor needs."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise ConfigError(
            f"{file} is not text. In ComfyUI choose Workflow, then Export (API), and give the JSON file."
        ) from exc


def name_of(file: Path) -> str:
    """What the workflow is called: as the file, without its endings (``upscale.api.json``)."""
    stem = file.stem.removesuffix(".api").removesuffix(".ui").removesuffix(".json")
    return stem[:_NAME_CHARS] or "workflow"


async def ask(nats_url: str, question: StudyWorkflow) -> StudyAnswer:
    """
    Ask, and wait for the answer; nothing is changed.

    Raises:
        ConfigError: The file is too large to be sent.
        UnavailableError: NATS or the renderer does not answer.
    """
    bus = await bus_module.connect(nats_url, "cli")
    try:
        data = await bus.request(subjects.study(), question, timeout_s=_ANSWER_S)
        return codec.decode_studied(data)
    except TooLargeError as exc:
        raise ConfigError("The file is too large to be sent: write it without indentation.") from exc
    except msgspec.DecodeError as exc:
        raise UnavailableError(f"The renderer's answer is of another version of Darkroom: {exc}") from exc
    except bus_module.BusDownError as exc:
        raise UnavailableError(
            f"No renderer answers ({exc}). See what is wrong: ./dev darkroom doctor"
        ) from exc
    finally:
        await bus.close()

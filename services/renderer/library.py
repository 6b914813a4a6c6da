"""The workflows that may have to be rendered: those in files, and those that only the log has."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

import msgspec
import structlog

from schemas import codec, subjects
from schemas.queries import AskWorkflow, AskWorkflows, WorkflowFound, WorkflowsFound
from services.common.bus import Bus, BusDownError
from services.common.run import until
from services.renderer.catalogue import Catalogue
from services.renderer.definition import Definition
from services.renderer.soundness import flaws

AGAIN_S = 2.0
"""How often the orchestrator is asked whether there is more: so soon can an imported workflow be rendered."""


class Library:
    """
    Workflows by digest.

    The log has more than the files: what an operator imported, and the older versions that queued and
    repeated jobs refer to. Those are fetched when they are needed, and kept for as long.
    """

    def __init__(self, bus: Bus, catalogue: Catalogue) -> None:
        self._bus = bus
        self._own = catalogue
        self._fetched: Catalogue = {}
        self._unfit: set[str] = set()
        self._told = asyncio.Event()

    def all(self) -> Catalogue:
        """Everything that a backend has to be held against."""
        return {**self._fetched, **self._own}

    async def find(self, digest: str) -> Definition | None:
        """
        A workflow; nothing when the log has none of that digest, or none that can be rendered here.

        Raises:
            BusDownError: The orchestrator had to be asked, and did not answer.
        """
        known = self._own.get(digest) or self._fetched.get(digest)
        if known is not None or digest in self._unfit:
            return known
        answer = codec.decode_answer(
            await self._bus.request(subjects.query("renderer"), AskWorkflow(digest=digest))
        )
        if not isinstance(answer, WorkflowFound):
            return None
        try:
            self._fetched[digest] = checked(digest, answer.definition)
        except (ValueError, msgspec.DecodeError) as exc:
            self._unfit.add(digest)  # a digest means the same for ever, so once is enough to say it
            structlog.get_logger().warning("workflow unfit", digest=digest, reason=str(exc))
        return self._fetched.get(digest)

    async def refresh(self) -> bool:
        """
        Fetch what has become needed, drop what no longer is; whether anything changed.

        Raises:
            BusDownError: The orchestrator did not answer. What is known stays.
        """
        answer = codec.decode_answer(await self._bus.request(subjects.query("renderer"), AskWorkflows()))
        if not isinstance(answer, WorkflowsFound):
            return False
        before = set(self._fetched)
        for digest in answer.digests:
            await self.find(digest)
        self._fetched = {digest: one for digest, one in self._fetched.items() if digest in answer.digests}
        return set(self._fetched) != before

    async def told(self) -> None:
        """Wait until the orchestrator has said for the first time what there is; or nobody asks any more."""
        await self._told.wait()

    async def run(self, changed: Callable[[], None], stopping: asyncio.Event) -> None:
        """Keep up with the log until *stopping*; *changed* is called when there is more or less."""
        try:
            while True:
                try:
                    if await self.refresh():
                        changed()
                    self._told.set()
                except BusDownError as exc:
                    structlog.get_logger().debug("library waits", reason=str(exc))
                if await until(stopping, AGAIN_S):
                    return
        finally:
            self._told.set()


def checked(digest: str, text: str) -> Definition:
    """
    The definition that *text* is.

    Raises:
        msgspec.DecodeError: It is no definition that this version knows.
        ValueError: It is not what *digest* is of, or can't be rendered by this version.
    """
    # Of the text as it was registered: another version of Darkroom may write the same definition otherwise.
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        raise ValueError("its definition has another digest")
    definition = msgspec.json.decode(text, type=Definition)
    if wrong := flaws(definition):
        raise ValueError("; ".join(wrong))
    return definition

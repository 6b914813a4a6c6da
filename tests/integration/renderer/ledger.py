"""The orchestrator as a renderer meets it: it is asked what is wanted, and hears facts."""

from __future__ import annotations

import asyncio
from typing import TypeVar
from uuid import UUID

import msgspec
from nats.aio.msg import Msg

from schemas import codec
from schemas.dispatch import RenderAttempt
from schemas.facts import Fact, RenderCancelled, RenderFailed, RenderSucceeded
from schemas.progress import Progress
from schemas.queries import (
    AskAttempt,
    AskWorkflow,
    AskWorkflows,
    AttemptFound,
    NotFound,
    WorkflowFound,
    WorkflowsFound,
)
from tests.servers import eventually

ENDED = (RenderSucceeded, RenderFailed, RenderCancelled)

F = TypeVar("F", bound=msgspec.Struct)


class Ledger:
    """
    Keeps what it hears.

    Attributes:
        facts: Every fact that was published, by message id: a repeated one is there once.
        progress: Every progress note.
        records: False: facts are heard, but the "log" does not know of them yet.
        questions: How often it was asked whether an attempt is wanted.
        wanted_answers: After so many answers, nothing is wanted any more.
        unwanted: Attempts that were cancelled.
        definitions: Workflows that were imported, by digest.
        needed: Digests of what may have to be rendered.
        asked_for: Digests whose definition it was asked for, in order.
        listing_s: How long it takes to say what may have to be rendered.
    """

    def __init__(self) -> None:
        self.facts: dict[UUID, Fact] = {}
        self.progress: list[Progress] = []
        self.records = True
        self.questions = 0
        self.wanted_answers = 1_000_000
        self.unwanted: set[tuple[UUID, int]] = set()
        self.definitions: dict[str, str] = {}
        self.needed: set[str] = set()
        self.asked_for: list[str] = []
        self.listing_s = 0.0

    async def fact(self, kind: type[F], order: RenderAttempt | None = None, timeout_s: float = 20.0) -> F:
        """The first fact of a kind, of one order if given."""
        return await eventually(lambda: self._find(kind, order), timeout_s=timeout_s)

    async def _find(self, kind: type[F], order: RenderAttempt | None) -> F | None:
        for fact in self.facts.values():
            if isinstance(fact, kind) and (order is None or getattr(fact, "job_id", None) == order.job_id):
                return fact
        return None

    async def outcome(self, order: RenderAttempt) -> Fact:
        """How an order ended: its only ending fact."""

        async def ended() -> list[Fact]:
            return [
                fact
                for fact in self.facts.values()
                if isinstance(fact, ENDED) and fact.job_id == order.job_id
            ]

        found = await eventually(ended)
        assert 1 == len(found)
        return found[0]

    async def asked_again(self) -> None:
        """Wait until it was asked twice more whether an attempt is wanted."""
        before = self.questions

        async def asked() -> bool:
            return self.questions >= before + 2

        await eventually(asked)

    async def hanging(self, order: RenderAttempt) -> None:
        """
        Wait until an order's prompt stands still after its first step, deaf to interrupts.

        With steps so short that progress is throttled, the first step might not be told.
        """

        async def stepped() -> bool:
            return any(note.job_id == order.job_id and note.step == 1 for note in self.progress)

        await eventually(stepped)

    async def answer(self, message: Msg) -> None:
        """Play the orchestrator's part that renderers ask."""
        question = codec.decode_query(message.data)
        if isinstance(question, AskWorkflows):
            await asyncio.sleep(self.listing_s)
            await message.respond(codec.encode(WorkflowsFound(digests=tuple(sorted(self.needed)))))
            return
        if isinstance(question, AskWorkflow):
            self.asked_for.append(question.digest)
            text = self.definitions.get(question.digest)
            await message.respond(codec.encode(WorkflowFound(definition=text) if text else NotFound()))
            return
        assert isinstance(question, AskAttempt)
        self.questions += 1
        name = question.job_id, question.attempt
        ended = self.records and any(
            isinstance(fact, ENDED) and (fact.job_id, fact.attempt) == name for fact in self.facts.values()
        )
        wanted = not ended and name not in self.unwanted and self.questions <= self.wanted_answers
        await message.respond(codec.encode(AttemptFound(wanted=wanted)))

    async def hear(self, message: Msg) -> None:
        """Keep a fact."""
        fact = codec.decode_inbox(message.data)
        self.facts.setdefault(fact.message_id, fact.body)

    async def note(self, message: Msg) -> None:
        """Keep a progress note."""
        self.progress.append(codec.decode_progress(message.data))

"""Messages out of the projections: what is private in the log is opened and sealed again for its receiver."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from schemas import ids
from schemas.dispatch import CancelAttempt, RenderAttempt
from schemas.private import Address, DispatchSecrets, MediaKeys, MessageAddress, RequestSecrets
from schemas.replies import Entry
from services.common.db import Connection
from services.common.keys import Keyring
from services.orchestrator import lookup, tables, view
from services.orchestrator.answer import Answer
from services.orchestrator.catalogue import Backend, Workflow, able
from services.orchestrator.image import Image
from services.orchestrator.job import Job
from services.orchestrator.person_keys import PersonKeys
from services.orchestrator.session import Session
from services.orchestrator.turn import Place, standing


class Composer:
    """Composes from one connection's view of the projections; *version* is the log position of that view."""

    def __init__(self, conn: Connection, keyring: Keyring, *, version: int, now: datetime) -> None:
        self._conn = conn
        self._keyring = keyring
        self._keys = PersonKeys(conn, keyring)
        self._version = version
        self._now = now
        self._line: dict[UUID, Place] | None = None
        self._found: list[Backend] | None = None

    async def queue(self) -> dict[UUID, Place]:
        """Every unfinished job's place in line, in turn; read once."""
        if self._line is None:
            self._line = {place.job_id: place for place in await standing(self._conn, self._now)}
        return self._line

    async def job(self, job_id: UUID) -> Job | None:
        """A job as it stands."""
        return (await tables.load(self._conn, "job", job_id)).state

    async def answer(self, entry_id: UUID) -> Answer | None:
        """An answer as it stands."""
        return (await tables.load(self._conn, "answer", entry_id)).state

    async def job_entry(self, job_id: UUID, job: Job) -> Entry:
        """A job to be shown; raises ``ForgottenError`` when its person is gone."""
        asked = job.requested
        secrets = await self._keys.open(asked.person_id, asked.private, job_id, RequestSecrets)
        shown_in = MessageAddress()
        if job.shown_in:
            shown_in = await self._keys.open(asked.person_id, job.shown_in, job_id, MessageAddress)
        place = None if job.has_ended else (await self.queue()).get(job_id)
        backends = await self._backends()
        if job.status == "queued" and not able(backends, asked.workflow):
            names = ", ".join(backend.report.backend for backend in backends)
            job = replace(job, code="waiting-for-backend", details={"backend": names})
        return view.job_entry(
            job_id,
            job,
            await self._images((*asked.inputs, *job.images)),
            await self._entry_secrets(asked.session_id, secrets, shown_in, job_id),
            title=await self._title(asked.workflow),
            version=self._version,
            position=place.position if place else 0,
            eta_s=place.eta_s if place else 0.0,
            simulated=any(b.report.simulated for b in backends if b.report.backend == job.backend),
        )

    async def answer_entry(self, entry_id: UUID, answer: Answer) -> Entry:
        """An answer to be shown; raises ``ForgottenError`` when its person is gone."""
        given = answer.given
        secrets = await self._keys.open(given.person_id, given.private, entry_id, RequestSecrets)
        private = await self._entry_secrets(given.session_id, secrets, MessageAddress(), entry_id)
        images = await self._images(given.images)
        return view.answer_entry(entry_id, answer, images, private, version=self._version)

    async def attempt(self, job_id: UUID, job: Job) -> RenderAttempt:
        """A job's present attempt, for its renderer; raises ``ForgottenError`` when its person is gone."""
        asked = job.requested
        secrets = await self._keys.open(asked.person_id, asked.private, job_id, RequestSecrets)
        images = await self._images(asked.inputs)
        input_keys: dict[UUID, bytes] = {}
        for name, image in images.items():
            opened = await self._keys.open(image.person_id, image.private, name, MediaKeys)
            input_keys |= opened.keys
        words = secrets.words
        private = DispatchSecrets(prompt=words.prompt, negative=words.negative, input_keys=input_keys)
        return RenderAttempt(
            job_id=job_id,
            attempt=job.attempt,
            prompt_id=ids.prompt_id(job_id, job.attempt),
            chain_id=asked.chain_id,
            session_id=asked.session_id,
            channel=asked.channel,
            backend=job.backend,
            workflow=asked.workflow,
            params=asked.params,
            inputs=tuple(images[name].media for name in asked.inputs),
            private=self._keys.seal_transport(private, job_id),
        )

    @staticmethod
    def cancel(job_id: UUID, job: Job) -> CancelAttempt:
        """The order to stop a job's present attempt."""
        prompt_id = ids.prompt_id(job_id, job.attempt)
        return CancelAttempt(job_id=job_id, attempt=job.attempt, prompt_id=prompt_id, backend=job.backend)

    async def _entry_secrets(
        self, session_id: UUID, asked: RequestSecrets, shown_in: MessageAddress, entry_id: UUID
    ) -> bytes:
        opened: Session = (await tables.load(self._conn, "session", session_id)).state
        chat = await self._keys.open(opened.person_id, opened.private, session_id, Address)
        return self._keys.seal_transport(view.entry_secrets(asked, chat, shown_in), entry_id)

    async def _images(self, names: tuple[UUID, ...]) -> dict[UUID, Image]:
        rows = {name: (await tables.load(self._conn, "image", name)).state for name in names}
        return {name: image for name, image in rows.items() if image is not None}

    async def _title(self, digest: str) -> str:
        workflow: Workflow = (await tables.load(self._conn, "workflow", digest)).state
        return workflow.spec.title

    async def _backends(self) -> list[Backend]:
        if self._found is None:
            self._found = await lookup.backends(self._conn)
        return self._found

"""Messages out of the projections: what is private in the log is opened and sealed again for its receiver."""

from __future__ import annotations

from types import EllipsisType
from uuid import UUID

from msgspec.structs import replace

from schemas import ids
from schemas.dispatch import RenderAttempt
from schemas.private import Address, DispatchSecrets, MediaKeys, MessageAddress, RequestSecrets
from schemas.replies import Entry
from services.common.db import Connection
from services.common.keys import Keyring
from services.orchestrator import event_log, view
from services.orchestrator.ability import Why, waits_for
from services.orchestrator.answer import Answer
from services.orchestrator.backend import Backend
from services.orchestrator.catalogue import Workflow, workflow_stream
from services.orchestrator.gate import Shut
from services.orchestrator.gatekeeper import Gatekeeper
from services.orchestrator.image import Image
from services.orchestrator.image import stream as image_stream
from services.orchestrator.job import Job
from services.orchestrator.job import stream as job_stream
from services.orchestrator.person_keys import PersonKeys
from services.orchestrator.projection import Row
from services.orchestrator.recall import Recall
from services.orchestrator.rows import Rows
from services.orchestrator.session import Session
from services.orchestrator.session import stream as session_stream
from services.orchestrator.standing import Place, standing


class Composer:
    """
    Composes what holds at one moment.

    Args:
        rows: As of that moment.
        keys: Of the same transaction.
        gatekeeper: Whether jobs may be dispatched.
        version: Log position of the moment.

    Attributes:
        version: An entry carries it, so that of two entries the one with the greater version shows the newer
            state, whoever composed them.
    """

    def __init__(self, rows: Rows, keys: PersonKeys, gatekeeper: Gatekeeper, *, version: int) -> None:
        self.version = version
        self._rows = rows
        self._keys = keys
        self._gatekeeper = gatekeeper
        self._shut: Shut | EllipsisType | None = ...
        self._line: dict[UUID, Place] | None = None
        self._chats: dict[UUID, Address] = {}

    @classmethod
    async def of_snapshot(
        cls, conn: Connection, keyring: Keyring, recall: Recall, gatekeeper: Gatekeeper
    ) -> Composer:
        """A composer on *conn*, which has to be in a ``db.snapshot``."""
        head = await event_log.head(conn)
        rows = await Rows.as_of(conn, head, recall)
        return cls(rows, PersonKeys(conn, keyring), gatekeeper, version=head.position)

    async def queue(self) -> dict[UUID, Place]:
        """Every unfinished job's place in line, in turn."""
        if self._line is None:
            self._line = {place.job_id: place for place in await standing(self._rows)}
        return self._line

    async def row(self, stream: str) -> Row:
        """An aggregate as it stands."""
        return await self._rows.row(stream)

    async def job(self, job_id: UUID) -> Job | None:
        """A job as it stands."""
        return await self._rows.state(Job, job_stream(job_id))

    async def job_entry(self, job_id: UUID, job: Job) -> Entry:
        """A job to be shown; raises ``ForgottenError`` when its person is gone, or ``UnsealError``."""
        asked = job.requested
        secrets = await self._keys.open(asked.person_id, asked.private, job_id, RequestSecrets)
        shown_in = MessageAddress()
        if job.shown_in:
            shown_in = await self._keys.open(asked.person_id, job.shown_in, job_id, MessageAddress)
        place = None if job.has_ended else (await self.queue()).get(job_id)
        backends = await self._rows.backends()
        why = await self._why_waiting(backends, asked.workflow) if job.status == "queued" else None
        if why is not None:
            job = replace(job, code=why.code, details=why.details)
        return view.job_entry(
            job_id,
            job,
            await self._images((*asked.inputs, *job.images)),
            await self._entry_secrets(asked.session_id, secrets, shown_in, job_id),
            title=await self._title(asked.workflow),
            version=self.version,
            position=place.position if place else 0,
            eta_s=place.eta_s if place else 0.0,
            simulated=any(b.last_seen.simulated for b in backends if b.name == job.backend),
        )

    async def _why_waiting(self, backends: list[Backend], workflow: str) -> Why | None:
        """What a job in the queue waits for other than its turn."""
        if self._shut is ...:
            positions = await self._rows.positions()
            self._shut = await self._gatekeeper.shut(self._rows.conn, positions)
        return waits_for(backends, workflow, self._shut)

    async def answer_entry(self, entry_id: UUID, answer: Answer) -> Entry:
        """An answer to be shown; raises as ``job_entry`` does."""
        given = answer.given
        secrets = await self._keys.open(given.person_id, given.private, entry_id, RequestSecrets)
        private = await self._entry_secrets(given.session_id, secrets, MessageAddress(), entry_id)
        images = await self._images(given.images)
        return view.answer_entry(entry_id, answer, images, private, version=self.version)

    async def attempt(self, job_id: UUID, job: Job) -> RenderAttempt:
        """A job's present attempt, for its renderer; raises as ``job_entry`` does."""
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
            params=job.params,
            free_memory=job.free_memory,
            inputs=tuple(images[name].media for name in asked.inputs),
            private=self._keys.seal_transport(private, job_id),
        )

    async def _entry_secrets(
        self, session_id: UUID, asked: RequestSecrets, shown_in: MessageAddress, entry_id: UUID
    ) -> bytes:
        if session_id not in self._chats:
            opened: Session = (await self._rows.row(session_stream(session_id))).state
            self._chats[session_id] = await self._keys.open(
                opened.person_id, opened.private, session_id, Address
            )
        secrets = view.entry_secrets(asked, self._chats[session_id], shown_in)
        return self._keys.seal_transport(secrets, entry_id)

    async def _images(self, names: tuple[UUID, ...]) -> dict[UUID, Image]:
        found = {name: await self._rows.state(Image, image_stream(name)) for name in names}
        return {name: image for name, image in found.items() if image is not None}

    async def _title(self, digest: str) -> str:
        workflow: Workflow = (await self._rows.row(workflow_stream(digest))).state
        return workflow.spec.title

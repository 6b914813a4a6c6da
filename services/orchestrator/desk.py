"""What a handler works with: one transaction's log, keys and lookups, and the settings of the deployment."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from schemas.catalogue import WorkflowSpec
from schemas.commands import SessionRef, Target
from schemas.private import Address, RequestSecrets
from services.orchestrator import answer, catalogue, image, job, lookup, request, session
from services.orchestrator.answer import Answer
from services.orchestrator.catalogue import Binding, Workflow
from services.orchestrator.gatekeeper import Gatekeeper
from services.orchestrator.image import Image
from services.orchestrator.job import Job
from services.orchestrator.ledger import Ledger
from services.orchestrator.limits import Limits
from services.orchestrator.mark import Append
from services.orchestrator.person_keys import PersonKeys
from services.orchestrator.session import Session


class Desk(Struct, frozen=True, kw_only=True):
    """One message's transaction. ``seed`` is drawn for it, for the case that none was given."""

    ledger: Ledger
    keys: PersonKeys
    seed: int
    limits: Limits
    gatekeeper: Gatekeeper

    async def session(self, session_id: UUID) -> Session | None:
        """A session's state."""
        return await self.ledger.state(Session, session.stream(session_id))

    async def job(self, job_id: UUID) -> Job | None:
        """A job's state."""
        return await self.ledger.state(Job, job.stream(job_id))

    async def image(self, image_id: UUID) -> Image | None:
        """An image's state."""
        return await self.ledger.state(Image, image.stream(image_id))

    async def spec(self, command: str) -> WorkflowSpec | None:
        """The workflow that a command is bound to."""
        binding = await self.ledger.state(Binding, catalogue.command_stream(command))
        return None if binding is None else await self.spec_of(binding.digest, command)

    async def spec_of(self, digest: str, command: str) -> WorkflowSpec | None:
        """A workflow as a command that it may not have been made for."""
        workflow = await self.ledger.state(Workflow, catalogue.workflow_stream(digest))
        return None if workflow is None else replace(workflow.spec, command=command)

    async def opening(self, ref: SessionRef) -> list[Append]:
        """The event that opens the session, when this is its first message."""
        known = await self.session(ref.session_id)
        return request.opening(ref, known, await self.session_private(ref))

    async def session_private(self, ref: SessionRef) -> bytes:
        """The chat's address, sealed for the log."""
        address = self.keys.open_transport(ref.private, ref.session_id, Address)
        return await self.keys.seal(ref.person_id, address, ref.session_id)

    async def answer(self, entry_id: UUID) -> Answer | None:
        """An answer's state."""
        return await self.ledger.state(Answer, answer.stream(entry_id))

    def secrets(self, box: bytes, entry_id: UUID) -> RequestSecrets:
        """What came sealed with a command."""
        return self.keys.open_transport(box, entry_id, RequestSecrets)

    async def find_job(self, ref: SessionRef, target: Target) -> tuple[UUID, Job] | None:
        """The job of this session that is pointed at; with an empty target its newest one."""
        conn = self.ledger.conn
        job_id = target.job_id
        if target.image_id is not None:
            picture = await self.image(target.image_id)
            job_id = picture.job_id if picture else None
        elif target.message_ref is not None:
            job_id = await lookup.job_of_message(conn, ref.session_id, target.message_ref)
        elif job_id is None:
            job_id = await lookup.newest_job(conn, ref.session_id)
        found = await self.job(job_id) if job_id else None
        if job_id is None or found is None or found.requested.session_id != ref.session_id:
            return None
        return job_id, found

    async def find_image(self, ref: SessionRef, target: Target) -> UUID | None:
        """The picture of this session that is pointed at; with an empty target its current one."""
        if target.image_id is not None:
            picture = await self.image(target.image_id)
            mine = picture is not None and picture.session_id == ref.session_id
            return target.image_id if mine else None
        if target.message_ref is not None or target.job_id is not None:
            found = await self.find_job(ref, target)
            return found[1].images[0] if found and found[1].images else None
        known = await self.session(ref.session_id)
        return known.current if known else None

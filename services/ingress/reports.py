"""What a channel tells the orchestrator about what it has shown. Each report is named by what it says."""

from __future__ import annotations

from schemas import ids, subjects
from schemas.commands import (
    ReportAnswerShown,
    ReportMediaMissing,
    ReportOutcomeShown,
    ReportStatusShown,
)
from schemas.private import MessageAddress
from schemas.replies import Entry
from services.common.bus import Bus
from services.common.keys import Keyring
from services.common.pseudonym import pseudonym
from services.common.seal import seal_struct


class Reports:
    """Publishes reports; each method raises ``BusDownError``, after which reporting again is safe."""

    def __init__(self, bus: Bus, keyring: Keyring) -> None:
        self._bus = bus
        self._keyring = keyring

    async def status_shown(self, entry: Entry, where: MessageAddress) -> None:
        """A job is shown in that message, and an answer to it means the job."""
        ref = pseudonym(self._keyring.pseudonym, "message", where.chat_id, where.message_id)
        private = seal_struct(self._keyring.transport, where, entry.entry_id)
        report = ReportStatusShown(job_id=entry.entry_id, message_ref=ref, private=private)
        await self._publish(entry, report, "status-shown", ref)

    async def outcome_shown(self, entry: Entry) -> None:
        """The person has seen the last state of a job, or an answer."""
        if entry.status == "answered":
            answer = ReportAnswerShown(session_id=entry.session_id, entry_id=entry.entry_id)
            await self._publish(entry, answer, "answer-shown")
        else:
            # With the version: a job whose picture was lost ends, and is shown, a second time.
            outcome = ReportOutcomeShown(job_id=entry.entry_id)
            await self._publish(entry, outcome, "outcome-shown", entry.version)

    async def media_missing(self, entry: Entry) -> None:
        """A job's picture is not in the media store, or not whole: it has to be made again."""
        report = ReportMediaMissing(job_id=entry.entry_id, attempt=entry.attempt)
        await self._publish(entry, report, "media-missing", entry.attempt)

    async def _publish(self, entry: Entry, report: object, *name: object) -> None:
        message_id = ids.message_id(*name, entry.entry_id)
        await self._bus.publish(subjects.inbox_command(entry.session_id), report, message_id)

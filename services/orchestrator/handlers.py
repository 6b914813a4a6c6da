"""Which handler takes which message of INBOX: the map of the orchestrator."""

from __future__ import annotations

from typing import assert_never

from schemas.commands import (
    Ask,
    BindWorkflow,
    CancelJob,
    Command,
    ImportImage,
    ImportWorkflow,
    RepeatJob,
    ReportAnswerShown,
    ReportMediaMissing,
    ReportOutcomeShown,
    ReportStatusShown,
    RequestRender,
    SelectImage,
)
from schemas.facts import (
    BackendReported,
    EgressChecked,
    Fact,
    HostPurged,
    RenderCancelled,
    RenderFailed,
    RenderStarted,
    RenderSucceeded,
    WorkflowAnnounced,
)
from services.orchestrator import asking, reporting, workflows
from services.orchestrator.desk import Desk


async def handle(body: Command | Fact, desk: Desk) -> None:
    """Do what the message says, within the desk's transaction."""
    match body:
        case RequestRender():
            await asking.request_render(body, desk)
        case RepeatJob():
            await asking.repeat_job(body, desk)
        case ImportImage():
            await asking.import_image(body, desk)
        case SelectImage():
            await asking.select_image(body, desk)
        case CancelJob():
            await asking.cancel_job(body, desk)
        case Ask():
            await asking.ask(body, desk)
        case (
            RenderStarted()
            | RenderSucceeded()
            | RenderFailed()
            | RenderCancelled()
            | HostPurged()
            | ReportStatusShown()
            | ReportOutcomeShown()
            | ReportMediaMissing()
        ):
            await reporting.job_message(body, desk)
        case ReportAnswerShown():
            await reporting.answer_shown(body, desk)
        case WorkflowAnnounced():
            await workflows.announced(body, desk)
        case ImportWorkflow():
            await workflows.imported(body, desk)
        case BindWorkflow():
            await workflows.bound(body, desk)
        case BackendReported():
            await reporting.backend_reported(body, desk)
        case EgressChecked():
            await reporting.egress_checked(body, desk)
        case _:
            assert_never(body)

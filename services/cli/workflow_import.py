"""``darkroom workflow import``: a file from ComfyUI becomes a command of the chat."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import typer
from msgspec import Struct
from msgspec.structs import replace

from schemas.commands import ImportWorkflow
from schemas.importing import Choices, Studied, StudyAnswer, StudyRefused, StudyUnclear, StudyWorkflow
from services.cli import workflow_questions, workflow_study, workflow_words
from services.cli.outcome import Outcome, complain, print_json
from services.cli.running_stack import Reach, reach
from services.cli.terminal import Terminal, passing
from services.cli.workflow_bind import agreed, present, require_bindable, tell
from services.cli.workflow_change import change
from services.cli.workflow_choices import FLAGS


class Wanted(Struct, frozen=True, kw_only=True):
    """
    What is to be imported, and how it is spoken of.

    Attributes:
        dry_run: Change nothing.
        yes: Don't ask whether a command may mean something else from here on.
        can_ask: Somebody sits at the terminal.
    """

    file: Path
    command: str
    choices: Choices
    backend: str | None
    dry_run: bool
    yes: bool
    as_json: bool
    can_ask: bool


def run(wanted: Wanted, home: Path, environ: Mapping[str, str]) -> Outcome:
    """
    Study the file, ask what is unclear, show what was found, and let the command mean it.

    Raises:
        ConfigError: The file can't be sent, the command can't be bound, or nothing runs.
        UnavailableError: Somebody does not answer.
    """
    require_bindable(wanted.command)
    question = StudyWorkflow(
        name=workflow_study.name_of(wanted.file),
        command=wanted.command,
        file=workflow_study.read(wanted.file),
        choices=wanted.choices,
        backend=wanted.backend,
    )
    place = reach(home, environ)
    answer = _studied(place, question)
    while isinstance(answer, StudyUnclear) and wanted.can_ask:
        question = replace(question, choices=workflow_questions.asked(answer.questions, question.choices))
        answer = _studied(place, question)
    match answer:
        case StudyUnclear():
            return _unclear(answer, as_json=wanted.as_json)
        case StudyRefused():
            return _refused(answer, as_json=wanted.as_json)
        case Studied():
            return _imported(answer, wanted, place)


def _studied(place: Reach, question: StudyWorkflow) -> StudyAnswer:
    with passing(Terminal()) as watcher:
        watcher.step(f"asking {question.backend or 'a backend'} what it has")
        return asyncio.run(workflow_study.ask(place.nats_url, question))


def _imported(studied: Studied, wanted: Wanted, place: Reach) -> Outcome:
    if wanted.dry_run:
        _show(studied, wanted, with_lacks=True)
        if wanted.as_json:
            print_json({"ok": not studied.lacks, "dry_run": True, **_json(studied)})
        return Outcome.DOES_NOT_HOLD if studied.lacks else Outcome.HOLDS
    before = asyncio.run(present(place, wanted.command))
    # What each backend lacks is said at the end; but who is to replace something has to know before.
    _show(studied, wanted, with_lacks=before is not None)
    if not agreed(
        before, studied.spec.digest, yes=wanted.yes, can_ask=wanted.can_ask, as_json=wanted.as_json
    ):
        return Outcome.COULD_NOT_TELL
    order = ImportWorkflow(spec=studied.spec, definition=studied.definition)
    with passing(Terminal()) as watcher:
        changed = asyncio.run(change(place, order, watcher))
    return tell(changed, _json(studied), as_json=wanted.as_json)


def _show(studied: Studied, wanted: Wanted, *, with_lacks: bool) -> None:
    if wanted.as_json:
        return
    for line in workflow_words.found(studied, wanted.file.name):
        print(line)
    for line in workflow_words.lacking(studied.backend, studied.lacks if with_lacks else ()):
        print(line)


def _json(studied: Studied) -> dict[str, object]:
    return {
        "command": f"/{studied.spec.command}",
        "title": studied.spec.title,
        "kind": studied.spec.kind,
        "digest": studied.spec.digest,
        "bounds": studied.spec.bounds,
        "found": studied.found,
        "studied_on": studied.backend,
        "studied_lacks": studied.lacks,
        "warnings": studied.warnings,
    }


def _unclear(answer: StudyUnclear, *, as_json: bool) -> Outcome:
    for line in workflow_words.asked(answer.questions):
        typer.echo(line, err=True)
    if as_json:
        questions = [
            {"what": one.what, "why": one.why, "flag": FLAGS.get(one.what, ""), "candidates": one.candidates}
            for one in answer.questions
        ]
        print_json({"ok": False, "questions": questions})
    return Outcome.COULD_NOT_TELL


def _refused(answer: StudyRefused, *, as_json: bool) -> Outcome:
    complain("\n".join(answer.problems), as_json=as_json)
    return Outcome.COULD_NOT_TELL if answer.code == "no-backend" else Outcome.DOES_NOT_HOLD

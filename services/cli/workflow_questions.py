"""Asking whoever sits at the terminal what a study of a workflow left open."""

from __future__ import annotations

import typer

from schemas.importing import Choices, Unclear
from services.cli.workflow_choices import NONE, answered
from services.cli.workflow_words import table


def asked(questions: tuple[Unclear, ...], before: Choices) -> Choices:
    """*before* with an answer to each question; raises ``typer.Abort`` when there will be none."""
    for question in questions:
        typer.echo(question.why, err=True)
        for line in table(
            [(f"  {at}", one.value, one.label) for at, one in enumerate(question.candidates, 1)]
        ):
            typer.echo(line, err=True)
        values: tuple[str, ...] = typer.prompt(
            f"{question.what}: a number, several like 1,2, or {NONE}",
            value_proc=lambda said, question=question: chosen(said, question),
            err=True,
        )
        before = answered(before, question.what, values)
    return before


def chosen(said: str, question: Unclear) -> tuple[str, ...]:
    """
    The candidates that *said* names by their number in the list, even where nodes have numbers too;
    anything else is a place of its own, as in a flag.

    Raises:
        typer.BadParameter: There is no candidate of that number, or nothing was said.
    """
    parts = [part.strip() for part in said.split(",") if part.strip()]
    if parts == [NONE]:
        return ()
    if not parts:
        raise typer.BadParameter("Say which.")
    return tuple(_one(part, question) for part in parts)


def _one(part: str, question: Unclear) -> str:
    candidates = question.candidates
    if not part.isdecimal():
        return part
    if not 1 <= int(part) <= len(candidates):
        raise typer.BadParameter(f"{part} is not a number from 1 to {len(candidates)}.")
    return candidates[int(part) - 1].value

"""Workflows in words, for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from schemas.catalogue import BackendReport, Bounds, Lack
from schemas.importing import Studied, Unclear
from services.cli.workflow_choices import FLAGS
from services.cli.workflow_shelf import Shelved
from services.renderer.definition import NUMBERS, Definition
from services.renderer.graph import title

SHORT = 12
_BY = {"catalogue": "by the catalogue", "operator": "by an operator"}
_SHOWN = {"width_px": "width", "height_px": "height"}


def moment(at: datetime) -> str:
    """A time to the minute."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def able(reports: Sequence[BackendReport], digest: str) -> tuple[str, ...]:
    """Backends that answered at the last look and lack nothing for a workflow."""
    return tuple(one.backend for one in reports if one.reachable and one.lacks.get(digest) == ())


def lack(one: Lack) -> str:
    """What is missing, and where it goes."""
    if one.what == "node":
        return f"the node {one.name}: install the extension that it comes with"
    return f"the model {one.name}: put it into ComfyUI's models/{one.folder or '…'}"


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows in columns as wide as they need to be."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def listed(shelved: Sequence[Shelved], reports: Sequence[BackendReport]) -> Iterator[str]:
    """``workflow list``."""
    heads = ("COMMAND", "TITLE", "KIND", "DIGEST", "BOUND", "SINCE", "BACKENDS")
    rows = [
        (
            f"/{one.spec.command}",
            one.spec.title,
            one.spec.kind,
            one.spec.digest[:SHORT],
            _BY[one.history[-1].by],
            moment(one.history[-1].at),
            ", ".join(able(reports, one.spec.digest)) or "none",
        )
        for one in shelved
    ]
    return table([heads, *rows])


def shown(one: Shelved, definition: Definition, reports: Sequence[BackendReport]) -> Iterator[str]:
    """``workflow show``."""
    spec = one.spec
    yield f"{f'/{spec.command}' if one.is_bound else 'not bound'}  {spec.title} ({spec.kind})"
    yield from table(
        [
            ("  name", spec.name),
            ("  digest", spec.digest),
            ("  registered", moment(one.registered_at)),
            ("  backends", ", ".join(able(reports, spec.digest)) or "none"),
            *_bindings(definition),
            *(("  model", f"models/{model.folder}/{model.name}") for model in definition.recipe.models),
        ]
    )
    if one.history:
        yield f"What /{spec.command} meant:"
    for bound in reversed(one.history):
        here = "  this one" if bound.digest == spec.digest else ""
        yield f"  {moment(bound.at)}  {bound.digest[:SHORT]}  {_BY[bound.by]}{here}"


def _bindings(definition: Definition) -> Iterator[tuple[str, str]]:
    recipe, graph = definition.recipe, definition.prompt
    for parameter in ("prompt", "negative", "seed", *NUMBERS):
        slots = recipe.bind.of(parameter)
        places = ", ".join(f"{slot.node}.{slot.input} ({title(graph, slot.node)})" for slot in slots)
        bounds = recipe.bounds.get(parameter)
        if places:
            yield f"  {_SHOWN.get(parameter, parameter)}", _with_range(places, bounds)
    for picture in recipe.pictures:
        optional = ", may be left out" if picture.optional else ""
        yield "  image", f"{picture.node}.{picture.input} ({title(graph, picture.node)}){optional}"
    for node in recipe.outputs:
        yield "  output", f"{node} ({title(graph, node)})"


def _range(bounds: Bounds) -> str:
    step = f" in steps of {bounds.multiple_of:g}" if bounds.multiple_of != 1 else ""
    return f"{bounds.least:g} to {bounds.most:g}{step}, {bounds.default:g} unless asked"


def found(studied: Studied, name: str) -> Iterator[str]:
    """What a file would be as a workflow."""
    spec = studied.spec
    yield f"{name} as /{spec.command}: {spec.title} ({spec.kind})"
    known = [what for what in FLAGS if what in studied.found]
    rows = [
        (f"  {_SHOWN.get(what, what)}", _with_range(studied.found[what], spec.bounds.get(what)))
        for what in (*known, *(what for what in studied.found if what not in known))
    ]
    yield from table(rows) if rows else ()
    for warning in studied.warnings:
        yield f"  Note: {warning}"


def lacking(backend: str, lacks: Sequence[Lack]) -> Iterator[str]:
    """What a backend lacks for a workflow."""
    for one in lacks:
        yield f"  {backend} lacks {lack(one)}"


def _with_range(place: str, bounds: Bounds | None) -> str:
    return place if bounds is None else f"{place}; {_range(bounds)}"


def asked(questions: Sequence[Unclear]) -> Iterator[str]:
    """Questions for somebody who can't be asked, with the flags that answer them."""
    for question in questions:
        yield question.why
        flag = FLAGS.get(question.what, question.what)
        yield from table([(f"  {flag} {one.value}", one.label) for one in question.candidates])

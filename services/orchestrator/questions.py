"""Answers to questions, as codes and facts; the words are the channel's."""

from __future__ import annotations

from typing import Literal, assert_never

from schemas.catalogue import WorkflowSpec
from schemas.commands import SessionRef
from services.orchestrator import egress_report, gatekeeper, lookup
from services.orchestrator.answer import Said, said
from services.orchestrator.desk import Desk
from services.orchestrator.standing import standing
from services.orchestrator.tree import draw

_DRAWN = 100  # more fit neither a screen nor a message

Topic = Literal["help", "queue", "privacy", "tree"]


async def reply(topic: Topic, ref: SessionRef, desk: Desk) -> Said:
    """What to say to a question: a code and its details."""
    match topic:
        case "help":
            return await _help(desk)
        case "queue":
            return await _queue(ref, desk)
        case "privacy":
            return await _privacy(ref, desk)
        case "tree":
            return await _tree(ref, desk)
        case _:
            assert_never(topic)


async def _privacy(ref: SessionRef, desk: Desk) -> Said:
    """What is protected, and whether that was proved lately."""
    now = desk.ledger.at
    positions = await desk.ledger.rows.positions()
    found = egress_report.reports(positions, await gatekeeper.heard(desk.ledger.conn), now)
    return said(
        "privacy", channel=ref.channel, egress="\n".join(egress_report.line(one, now) for one in found)
    )


async def _help(desk: Desk) -> Said:
    specs = await lookup.bound_specs(desk.ledger.conn)
    return said("help", commands="\n".join("\t".join(_offer(spec)) for spec in specs))


def _offer(spec: WorkflowSpec) -> tuple[str, ...]:
    """A command, what it makes, and what it takes: words, from so many to so many pictures, parameters."""
    title = " ".join(spec.title.split())
    words = "words" if spec.takes_prompt else ""
    pictures = str(spec.inputs_min), str(spec.inputs_max)
    return (f"/{spec.command}", spec.kind, title, words, *pictures, " ".join(spec.parameters))


async def _queue(ref: SessionRef, desk: Desk) -> Said:
    """This session's own jobs and their places, and how many there are in all: nothing of anybody else's."""
    line = await standing(desk.ledger.rows)
    mine = [place for place in line if place.session_id == ref.session_id]
    if not mine:
        return said("queue-empty", total=str(len(line)))
    lines: list[str] = []
    for place in mine:
        job = await desk.job(place.job_id)
        command = job.requested.command if job else ""
        lines.append(f"/{command}\t{place.status}\t{place.position}\t{place.eta_s:.0f}")
    return said("queue", jobs="\n".join(lines), total=str(len(line)))


async def _tree(ref: SessionRef, desk: Desk) -> Said:
    images = await lookup.newest_images(desk.ledger.conn, ref.session_id, _DRAWN)
    known = await desk.session(ref.session_id)
    return said("tree", tree=draw(images, known.current if known else None))

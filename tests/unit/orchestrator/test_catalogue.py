"""What renderers announce, and what of it is news."""

from __future__ import annotations

from msgspec.structs import replace

from schemas.events.backend import BackendObserved
from schemas.events.workflow import WorkflowBound, WorkflowRegistered
from services.orchestrator.backend import Backend, able, lack, observe
from services.orchestrator.catalogue import KEPT, Binding, Workflow, announce, bind, evolve_binding
from services.orchestrator.mark import Mark
from tests.builders import AT, DIGEST, LACK, REPORT, SPEC

KNOWN = Workflow(spec=SPEC, definition="{}")
BOUND = Binding(digest=DIGEST, by="catalogue")
OFF = Backend(report=replace(REPORT, backend="off", reachable=False))
POOR = Backend(report=replace(REPORT, backend="poor", lacks={DIGEST: (LACK,)}))
GOOD = Backend(report=REPORT)


def test_a_look_that_found_nothing_new_is_no_event() -> None:
    """Renderers repeat their reports; the log doesn't."""
    [first] = observe(REPORT, None)

    assert ("backend-gpu", BackendObserved(report=REPORT)) == (first.stream, first.event)
    assert [] == observe(REPORT, GOOD)
    assert 1 == len(observe(REPORT, Backend(report=replace(REPORT, version="0.9.0"))))


def test_a_new_workflow_is_registered_and_bound() -> None:
    """Under its digest, and under its command."""
    appends = announce(SPEC, "{}", None, None)

    assert [f"workflow-{DIGEST}", "command-f"] == [append.stream for append in appends]
    assert [
        WorkflowRegistered(spec=SPEC, definition="{}"),
        WorkflowBound(command="f", digest=DIGEST, by="catalogue"),
    ] == [append.event for append in appends]


def test_what_is_known_is_not_registered_again() -> None:
    """Only the binding changes when a command goes back to an older workflow."""
    assert [] == announce(SPEC, "{}", KNOWN, BOUND)
    assert [WorkflowBound(command="f", digest=DIGEST, by="catalogue")] == [
        append.event for append in announce(SPEC, "{}", KNOWN, Binding(digest="7" * 64, by="catalogue"))
    ]


def test_what_an_operator_bound_no_catalogue_binds_anew() -> None:
    """A new version is registered all the same, so that the operator can bind it."""
    by_operator = Binding(digest="7" * 64, by="operator")

    assert [WorkflowRegistered(spec=SPEC, definition="{}")] == [
        append.event for append in announce(SPEC, "{}", None, by_operator)
    ]
    assert [] == announce(SPEC, "{}", KNOWN, Binding(digest=DIGEST, by="operator"))


def test_an_operator_may_say_what_the_catalogue_says() -> None:
    """It is news who says it: from then on it stays. Saying it twice is none."""
    [said] = bind("f", DIGEST, BOUND, by="operator")

    assert WorkflowBound(command="f", digest=DIGEST, by="operator") == said.event
    assert [] == bind("f", DIGEST, Binding(digest=DIGEST, by="operator", before=("7" * 64,)), by="operator")


def test_a_command_knows_what_it_meant_before() -> None:
    """Newest first, each once, and not for ever."""
    binding: Binding | None = None
    for digest in (*"abcdef", "d"):
        event = WorkflowBound(command="f", digest=digest, by="catalogue")
        binding = evolve_binding(binding, event, Mark(position=1, at=AT))

    assert Binding(digest="d", by="catalogue", before=("f", "e", "c", "b")) == binding
    assert KEPT == len(binding.before)


def test_able_is_who_answers_and_lacks_nothing() -> None:
    """A backend that was never asked about a workflow can't do it either."""
    assert [REPORT] == able([OFF, POOR, GOOD], DIGEST)
    assert [] == able([GOOD], "7" * 64)


def test_what_is_lacking_is_named_with_the_backend() -> None:
    """Of one that answers."""
    assert ("poor", LACK) == lack([OFF, POOR, GOOD], DIGEST)
    assert lack([OFF, GOOD], DIGEST) is None

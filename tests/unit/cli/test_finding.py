"""What the doctor's findings come to, and what it says of a backend."""

from __future__ import annotations

import pytest

from schemas.catalogue import BackendReport, Lack
from services.cli.finding import Finding, Verdict, outcome
from services.cli.outcome import Outcome
from services.cli.stack_checks import of_report

COMMANDS = [("f", "digest-f"), ("qwen", "digest-q")]
MODEL = Lack(what="model", name="flux.safetensors", folder="checkpoints")


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], Outcome.HOLDS),
        (["holds", "holds"], Outcome.HOLDS),
        (["holds", "unknown"], Outcome.COULD_NOT_TELL),
        (["unknown", "fails", "holds"], Outcome.DOES_NOT_HOLD),
    ],
)
def test_worst_finding_is_the_exit_code(verdicts: list[Verdict], expected: Outcome) -> None:
    """One that fails outweighs one that could not be told, and that outweighs those that hold."""
    assert expected == outcome([Finding(what="", verdict=verdict, detail="") for verdict in verdicts])


def test_backend_that_can_do_everything_holds() -> None:
    """It is one finding, with what it is and what it can do."""
    report = BackendReport(
        backend="gpu",
        reachable=True,
        version="0.3",
        devices=("A100",),
        lacks={"digest-f": (), "digest-q": ()},
    )
    [finding] = of_report(report, COMMANDS)

    assert ("holds", "ComfyUI 0.3, A100: /f /qwen") == (finding.verdict, finding.detail)


def test_missing_model_is_named_with_its_command() -> None:
    """A command that can't be done is a finding of its own, which names the model and its folder."""
    report = BackendReport(
        backend="gpu", reachable=True, version="0.3", lacks={"digest-f": (MODEL,), "digest-q": ()}
    )
    whole, lacking = of_report(report, COMMANDS)

    assert ("holds", "ComfyUI 0.3: /qwen") == (whole.verdict, whole.detail)
    assert ("fails", "/f lacks models/checkpoints/flux.safetensors") == (lacking.verdict, lacking.detail)
    assert "Put the files there" in lacking.remedy


def test_everything_that_is_missing_is_named_by_command() -> None:
    """Each command with all of its own, also where two lack the same; files by folder, nodes by name."""
    node = Lack(what="node", name="CreateVideo")
    lora = Lack(what="model", name="lightning.safetensors", folder="loras")
    report = BackendReport(
        backend="gpu",
        reachable=True,
        version="0.3",
        lacks={"digest-f": (MODEL,), "digest-q": (MODEL, lora, node)},
    )
    whole, first, second = of_report(report, COMMANDS)

    assert ("fails", "ComfyUI 0.3: no command") == (whole.verdict, whole.detail)
    assert "/f lacks models/checkpoints/flux.safetensors" == first.detail
    assert "install" not in first.remedy
    assert (
        "/qwen lacks models/checkpoints/flux.safetensors, models/loras/lightning.safetensors, "
        "the node CreateVideo" == second.detail
    )
    assert "Put the files there" in second.remedy
    assert "install" in second.remedy


def test_a_command_that_is_new_is_not_judged_yet() -> None:
    """Neither able nor lacking: it could not be told, and that is said."""
    report = BackendReport(backend="gpu", reachable=True, version="0.3", lacks={"digest-f": ()})
    whole, unjudged = of_report(report, COMMANDS)

    assert ("holds", "ComfyUI 0.3: /f") == (whole.verdict, whole.detail)
    assert ("unknown", "/qwen has not been held against it yet") == (unjudged.verdict, unjudged.detail)


def test_backend_that_is_off_fails() -> None:
    """It says why it could not be reached."""
    [finding] = of_report(BackendReport(backend="gpu", reachable=False, reason="refused"), COMMANDS)

    assert ("fails", "does not answer (refused)") == (finding.verdict, finding.detail)

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
    assert ("fails", "/f lacks model checkpoints/flux.safetensors") == (lacking.verdict, lacking.detail)
    assert lacking.remedy


def test_backend_that_is_off_fails() -> None:
    """It says why it could not be reached."""
    [finding] = of_report(BackendReport(backend="gpu", reachable=False, reason="refused"), COMMANDS)

    assert ("fails", "does not answer (refused)") == (finding.verdict, finding.detail)

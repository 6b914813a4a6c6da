"""What the doctor says of the backends of a deployment, by what its orchestrator has recorded."""

from __future__ import annotations

import hashlib
from pathlib import Path

from msgspec.structs import replace

from schemas import subjects
from schemas.catalogue import Lack
from schemas.commands import ImportWorkflow
from services.cli.stack_checks import backends
from tests.builders import EDIT_SPEC, REPORT, SPEC
from tests.integration.orchestrator.studio import Studio, open_studio
from tests.servers import eventually

LOGS = Path("logs")
DEFINITION = '{"name":"mine"}'
MINE = replace(SPEC, name="mine", command="x", digest=hashlib.sha256(DEFINITION.encode()).hexdigest())
UPSCALER = Lack(what="model", name="4x.pth", folder="upscale_models")
NODE = Lack(what="node", name="UpscaleOfMine")


async def said(studio: Studio, only: str | None = None) -> list[tuple[str, str, str]]:
    """What of, how it stands, and what was found."""
    found = await backends(studio.database_url, LOGS, only)
    return [(finding.what, finding.verdict, finding.detail) for finding in found]


async def test_an_imported_workflow_is_held_against_each_backend(postgres_url: str, nats_url: str) -> None:
    """Under the command that it was bound to, with every file and node; or one of them alone."""
    async with open_studio(postgres_url, nats_url) as studio:
        await studio.open_shop()
        await studio.publish(subjects.inbox_operator(), ImportWorkflow(spec=MINE, definition=DEFINITION))
        await eventually(lambda: studio.fetchval("SELECT id FROM projection.command WHERE id = 'x'"))
        able = dict.fromkeys((SPEC.digest, EDIT_SPEC.digest), ())
        await studio.observe(replace(REPORT, lacks=able))
        unjudged = await said(studio)
        await studio.observe(replace(REPORT, lacks={**able, MINE.digest: (UPSCALER, NODE)}))
        await studio.observe(replace(REPORT, backend="other", lacks={**able, MINE.digest: ()}))
        judged = await said(studio, "gpu")
        other = await said(studio, "other")
        unknown = await said(studio, "gpu2")

    assert ("backend gpu", "unknown", "/x has not been held against it yet") == unjudged[-1]
    whole, lacking = judged
    assert ("backend gpu", "holds") == whole[:2]
    assert (
        "backend gpu",
        "fails",
        "/x lacks models/upscale_models/4x.pth, the node UpscaleOfMine",
    ) == lacking
    assert [("backend other", "holds")] == [found[:2] for found in other]
    assert [("backend gpu2", "fails", "none of that name has been looked at; known: gpu, other")] == unknown

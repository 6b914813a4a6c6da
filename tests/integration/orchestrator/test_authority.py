"""What a sender has no business to say takes no effect, whatever it is made to publish."""

from __future__ import annotations

import hashlib
from uuid import uuid4

from msgspec.structs import replace

from schemas import subjects
from schemas.commands import ImportWorkflow
from schemas.queries import AskWorkflow, NotFound
from tests.builders import SPEC
from tests.integration.orchestrator.studio import open_studio
from tests.servers import eventually

DEFINITION = '{"name":"theirs"}'
THEIRS = replace(SPEC, digest=hashlib.sha256(DEFINITION.encode()).hexdigest())


async def test_a_channel_imports_no_workflow(postgres_url: str, nats_url: str) -> None:
    """NATS keeps it from the operator's subject; under its own an operator's command is parked."""
    async with open_studio(postgres_url, nats_url) as studio:
        body = ImportWorkflow(spec=THEIRS, definition=DEFINITION)
        await studio.publish(subjects.inbox_command(uuid4()), body)

        async def reason() -> str:
            if not (await studio.bus.jetstream.stream_info(subjects.PARKED)).state.messages:
                return ""
            return ((await studio.bus.jetstream.get_msg(subjects.PARKED, 1)).headers or {})["Darkroom-Reason"]

        assert "not-theirs" == await eventually(reason)
        assert NotFound() == await studio.ask("renderer", AskWorkflow(digest=THEIRS.digest))

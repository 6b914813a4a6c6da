"""Answering an operator's question: what would this file be as a workflow, on one of our backends?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import msgspec
import structlog
from nats.aio.msg import Msg

from schemas import codec, subjects
from schemas.importing import DEFINITION_BYTES_MAX, Studied, StudyAnswer, StudyRefused, StudyWorkflow
from services.common.bus import BUS_ERRORS, Bus, BusDownError
from services.common.run import until
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.patience import TROUBLE
from services.renderer.importing.study import study
from services.renderer.object_info import ObjectInfo

_LOOK_S = 45.0  # whoever asks waits a little longer than that
_AGAIN_S = 0.5


class Studies:
    """
    Answers on behalf of all renderers: of several processes one gets each question.

    Args:
        bus: NATS.
        backends: ComfyUI by the backend's name, in the order in which they are tried.
    """

    def __init__(self, bus: Bus, backends: Mapping[str, ComfyUI]) -> None:
        self._bus = bus
        self._backends = backends

    async def run(self, stopping: asyncio.Event) -> None:
        """Listen until *stopping*."""
        while not stopping.is_set():
            try:
                listening = await self._bus.subscribe(subjects.study(), self.take, queue="renderer")
            except BusDownError:
                await until(stopping, _AGAIN_S)
                continue
            await stopping.wait()
            with suppress(*BUS_ERRORS):  # the server forgets it with the connection
                await listening.unsubscribe()

    async def take(self, message: Msg) -> None:
        """Answer one question, whatever it is."""
        answer = await self.answer(message.data)
        structlog.get_logger().info("studied", answer=answer.__struct_config__.tag)
        with suppress(*BUS_ERRORS):  # whoever asked sees that no answer comes
            await message.respond(codec.encode(answer))

    async def answer(self, data: bytes) -> StudyAnswer:
        """What there is to say to a question."""
        try:
            question = codec.decode_study(data)
        except msgspec.DecodeError as exc:
            return StudyRefused(
                code="undecodable",
                problems=(f"The question can't be read ({exc}). Use the darkroom of the same version.",),
            )
        found = await self._look(question)
        if isinstance(found, StudyRefused):
            return found
        backend, object_info = found
        # Apart from the event loop: it may be a large file, and renders are being followed meanwhile.
        answer = await asyncio.to_thread(study, question, object_info, backend)
        return _fitting(answer)

    async def _look(self, question: StudyWorkflow) -> tuple[str, ObjectInfo] | StudyRefused:
        """The ``/object_info`` of the backend that is meant, or of the first that answers."""
        names = [question.backend] if question.backend else list(self._backends)
        reasons: list[str] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_S):
                for name in names:
                    comfyui = self._backends.get(name)
                    if comfyui is None:
                        known = ", ".join(self._backends)
                        return StudyRefused(
                            code="unknown-backend",
                            problems=(f"There is no backend {name}. There is: {known}.",),
                        )
                    try:
                        return name, await comfyui.object_info()
                    except TROUBLE as exc:
                        reasons.append(f"{name}: {exc.code}")
        why = ", ".join(reasons) or "no answer in time"
        return StudyRefused(
            code="no-backend",
            problems=(f"No backend says which nodes it has ({why}). Start one, or check its address.",),
        )


def _fitting(answer: StudyAnswer) -> StudyAnswer:
    """*answer*, unless nothing could carry the definition to where it is needed."""
    if not isinstance(answer, Studied) or len(codec.encode(answer)) <= DEFINITION_BYTES_MAX:
        return answer
    problem = f"The workflow takes more than {DEFINITION_BYTES_MAX:,} bytes. Leave out what it does not need."
    return StudyRefused(code="too-large", problems=(problem,))

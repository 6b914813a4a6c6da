"""Having an attempt's prompt queued: pictures fetched and uploaded, the graph filled, submitted once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from schemas.dispatch import RenderAttempt
from schemas.private import DispatchSecrets
from services.common.seal import unseal_struct
from services.renderer.comfyui.client import ComfyUI
from services.renderer.comfyui.listener import Listener
from services.renderer.comfyui.patience import TROUBLE, until_answered
from services.renderer.definition import Definition
from services.renderer.ending import end
from services.renderer.errors import AttemptFailedError, CalledOffError
from services.renderer.freshness import fresh
from services.renderer.graph import Graph
from services.renderer.intake import Uploads, fetched
from services.renderer.metadata import Clean
from services.renderer.offering import offer
from services.renderer.studio import Studio
from services.renderer.submission import Submission
from services.renderer.teller import Teller
from services.renderer.wanted import Wanted
from services.renderer.workflow import Wishes, filled

REACH_S = 5.0
"""How long a backend may be out of reach before anything was submitted to it."""

_FRESH_S = 2.0
"""
What was asked and looked at longer ago is asked and looked at again before submitting. Far less than what
an order waits before another renderer gets it, and enough for a few round trips to a GPU far away.
"""

_FREEING_S = 0.5
"""ComfyUI frees between two prompts, by a note to its worker: a prompt on its heels would come first."""


class Staging:
    """
    One attempt's way into the backend's queue.

    While the block is entered the pictures are fetched, whatever else is looked at meanwhile; that costs
    nothing should they turn out not to be needed. ``send`` has them on their way, ``queue`` the prompt.
    """

    def __init__(
        self,
        studio: Studio,
        order: RenderAttempt,
        comfyui: ComfyUI,
        definition: Definition,
        wanted: Wanted,
    ) -> None:
        self.upload_s = 0.0
        self._studio = studio
        self._order = order
        self._comfyui = comfyui
        self._definition = definition
        self._wanted = wanted
        self._clock = asyncio.get_running_loop().time
        self._looked_at = self._clock()
        self._fetching = asyncio.create_task(self._fetched())
        self._sending: asyncio.Task[tuple[Uploads, Graph]] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sending is not None:
            await end(self._sending)
        await end(self._fetching)

    def send(self, teller: Teller) -> asyncio.Task[tuple[Uploads, Graph]]:
        """
        The attempt is wanted: begin to put its pictures there.

        A round trip to a GPU far away is long, so that is not kept waiting until it was looked whether the
        prompt is there already; if it is, then so are they.

        Returns:
            Their way, on which they are only once: the uploads, and the graph that names them.
        """
        if self._sending is None:
            self._sending = asyncio.create_task(self._sent(teller))
        return self._sending

    async def queue(self, listener: Listener, teller: Teller) -> None:
        """
        Have the prompt queued once. That it is not there yet must have been seen just before.

        Raises:
            AttemptFailedError: It can't be rendered, there or anywhere.
            SpoiltError: It is queued, but would not make all that it should.
            CalledOffError: Not wanted any more; nothing was submitted.
            TunnelDownError, BackendDownError, UnexpectedAnswerError: It did not arrive.
        """
        sending = self.send(teller)
        if self._order.free_memory:
            await self._free()
        uploads, graph = await sending
        try:
            await self._submit(graph, listener)
        except AttemptFailedError as exc:
            if exc.code != "bad-input-image" or uploads.sent_all:
                raise
            # A picture that was there before has been taken away since.
            await self._submit(await self._graph(await uploads.names_anew()), listener)
        await teller.stage("queued")

    async def queue_again(self, listener: Listener) -> None:
        """
        Have it queued once more, after it failed on a picture that was taken away while it waited.

        Raises:
            As ``queue``.
        """
        # Of two runs under one id only the later may be found in the history.
        await until_answered(lambda: self._comfyui.forget(self._order.prompt_id), REACH_S)
        _, pictures = await self._fetching
        names = await self._uploads(pictures).names_anew()
        await self._submit(await self._graph(names), listener)

    def _uploads(self, pictures: list[Clean]) -> Uploads:
        return Uploads(self._comfyui, self._studio.shelf(self._order.backend), pictures, REACH_S)

    async def _fetched(self) -> tuple[DispatchSecrets, list[Clean]]:
        studio, order = self._studio, self._order
        secrets = unseal_struct(studio.keyring.transport, order.private, order.job_id, DispatchSecrets)
        return secrets, await fetched(studio.media, order.inputs, secrets.input_keys)

    async def _sent(self, teller: Teller) -> tuple[Uploads, Graph]:
        _, pictures = await self._fetching
        if pictures:
            await teller.stage("uploading")
        began = self._clock()
        uploads = self._uploads(pictures)
        names = await uploads.names()
        self.upload_s = self._clock() - began
        return uploads, await self._graph(names)

    async def _free(self) -> None:
        with suppress(*TROUBLE):
            await self._comfyui.free()
            await asyncio.sleep(_FREEING_S)

    async def _submit(self, graph: Graph, listener: Listener) -> None:
        studio, order = self._studio, self._order
        # The socket has to be there first: events of before are not repeated.
        await listener.opened()
        if self._clock() - self._looked_at > _FRESH_S and await self._is_there():
            return
        submission = Submission(
            self._comfyui, studio.underway, order.prompt_id, self._wanted, studio.limits.silence_s
        )
        await submission.make(
            lambda: offer(
                graph,
                self._definition.recipe.placement,
                studio.object_info(order.backend),
                lambda ready: self._comfyui.submit(
                    self._definition, ready, order.prompt_id, listener.client_id()
                ),
                lambda: studio.doubt(order.backend),
            )
        )

    async def _graph(self, names: tuple[str, ...]) -> Graph:
        secrets, _ = await self._fetching
        self._studio.shelf(self._order.backend).used_by(self._order.prompt_id, names)
        wishes = Wishes(
            prompt=secrets.prompt,
            negative=secrets.negative,
            params=self._order.params,
            pictures=names,
            file_stem=f"darkroom-{self._order.prompt_id}",
        )
        recipe = self._definition.recipe
        return fresh(filled(self._definition, wishes), recipe.outputs, self._order.prompt_id)

    async def _is_there(self) -> bool:
        if not await self._wanted.is_so():
            raise CalledOffError
        standing = await until_answered(lambda: self._comfyui.standing(self._order.prompt_id), REACH_S)
        self._looked_at = self._clock()
        return standing.state != "absent"

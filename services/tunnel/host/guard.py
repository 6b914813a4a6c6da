"""
The guard: what may pass from the hidden service to the ComfyUI beside it.

The same allow-list as at the other end, without a backend's name in front: whoever holds a client's key
need not be running Darkroom's tunnel. Behind an ``anon`` nobody can be told apart, so the limits are for
all clients together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import msgspec
from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from services.tunnel.account import Account
from services.tunnel.backends import Backend
from services.tunnel.bodies import PurgeBody
from services.tunnel.errors import TooManyOpenError, TooManyRequestsError
from services.tunnel.host import naming
from services.tunnel.host.bucket import Bucket
from services.tunnel.host.purge import Purge
from services.tunnel.host.seen import Seen
from services.tunnel.proxy import refuse_browser
from services.tunnel.routes import Answer, Passage, find_passage
from services.tunnel.target import Target

CARD_VERSION = 1

_AGAIN_S = 1.0
_ASKS_FOR_PROMPT = "GET /history/{prompt}"
_HEAD_BYTES = 4096  # of an upload: its first part's headers, which name the file


class Limits(Struct, frozen=True, kw_only=True):
    """
    How much all clients together may ask for.

    Attributes:
        body_max_bytes: In one request.
        per_s: Requests, in the long run.
        burst: Requests at once, after a pause.
        open: Requests under way.
        websockets: WebSockets open.
    """

    body_max_bytes: int = 100 * 1024 * 1024
    per_s: float = 50.0
    burst: int = 200
    open: int = 64
    websockets: int = 16


class Card(Struct, frozen=True, kw_only=True):
    """What ``GET /darkroom/host`` answers: what this host can do."""

    version: int = CARD_VERSION
    purges_files: bool
    body_max_bytes: int


class Guard:
    """
    The host role's admission.

    Args:
        backend: The ComfyUI.
        purge: Does what ``POST /darkroom/purge`` asks for.
        limits: How much may be asked for.
        inputs: Told which inputs are sent or asked for, by their content.
        prompts: Told which prompts are asked for.
        clock: Of the limits and of what is seen, in seconds.
    """

    def __init__(
        self,
        backend: Backend,
        purge: Purge,
        limits: Limits,
        inputs: Seen,
        prompts: Seen,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._backend = backend
        self._purge = purge
        self._limits = limits
        self._inputs = inputs
        self._prompts = prompts
        self._clock = clock
        self._bucket = Bucket.full(limits.per_s, limits.burst, clock())
        self._open = 0
        self._websockets = 0

    @contextmanager
    def admitted(self, request: web.BaseRequest, target: Target, account: Account) -> Generator[Passage]:
        """As ``Admission`` says."""
        account.backend = self._backend.name
        passage = find_passage(self._backend, request.method, target.segments, target.query)
        account.route = passage.route.name
        refuse_browser(request, passage)
        self._take()
        with self._counted(websocket=passage.route.websocket):
            self._note(passage, target)
            yield replace(
                passage,
                here=self._own(passage.route.path),
                body_max_bytes=self._limits.body_max_bytes,
                sees=_Upload(self._input_seen).sees if passage.route.path == "/upload/image" else None,
            )

    def _take(self) -> None:
        self._bucket, wait_s = self._bucket.taken(self._clock())
        if wait_s:
            raise TooManyRequestsError(
                f"The host takes {self._limits.per_s:g} requests a second.", retry_after_s=wait_s
            )

    @contextmanager
    def _counted(self, *, websocket: bool) -> Generator[None]:
        if websocket:
            if self._websockets >= self._limits.websockets:
                raise TooManyOpenError("Too many WebSockets are open here.", retry_after_s=_AGAIN_S)
            self._websockets += 1
        elif self._open >= self._limits.open:
            raise TooManyOpenError("Too many requests are under way here.", retry_after_s=_AGAIN_S)
        else:
            self._open += 1
        try:
            yield
        finally:
            if websocket:
                self._websockets -= 1
            else:
                self._open -= 1

    def _note(self, passage: Passage, target: Target) -> None:
        query = dict(target.query)
        if passage.route.path == "/view" and query.get("type") == "input":
            self._input_seen(naming.digest_of(query.get("filename", "")))
        elif passage.route.name == _ASKS_FOR_PROMPT:
            self._prompts.add(target.segments[1], self._clock())

    def _input_seen(self, digest: str | None) -> None:
        if digest is not None:
            self._inputs.add(digest, self._clock())

    def _own(self, path: str) -> Answer | None:
        return {"/darkroom/host": self._card, "/darkroom/purge": self._purged}.get(path)

    async def _card(self, _: bytes) -> bytes:
        card = Card(purges_files=self._purge.has_folders, body_max_bytes=self._limits.body_max_bytes)
        return msgspec.json.encode(card)

    async def _purged(self, body: bytes) -> bytes:
        asked = msgspec.json.decode(body, type=PurgeBody)  # checked on its way here
        return msgspec.json.encode(await self._purge.prompt(asked))


class _Upload:
    """Finds the name of the file at the head of an upload, however the body comes in pieces."""

    def __init__(self, found: Callable[[str], None]) -> None:
        self._found = found
        self._head = b""

    def sees(self, piece: bytes) -> None:
        """*piece* comes next."""
        if len(self._head) < _HEAD_BYTES:
            self._head = (self._head + piece)[:_HEAD_BYTES]
            for digest in naming.digests_in(self._head):
                self._found(digest)

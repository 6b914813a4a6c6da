"""What is heard on a socket, and whose it is."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest
from aiohttp import WSMessage, WSMsgType

from services.renderer.comfyui import listener
from services.renderer.comfyui.listener import Listener, listening
from services.renderer.comfyui.transport import Transport

PROMPT, OTHER = UUID(int=1), UUID(int=2)
JPEG = b"\xff\xd8\xff rest"


class Line:
    """
    Sockets, one after the other: the first says what it has to say and breaks, the next says nothing.

    With *stays* the first one does not break.
    """

    def __init__(self, *said: str | bytes, stays: bool = False) -> None:
        self.sent: list[str] = []
        self.client_ids: list[str] = []
        self._said = said
        self._stays = stays

    @asynccontextmanager
    async def socket(self, route: str, params: dict[str, str]) -> AsyncGenerator[Line]:
        self.client_ids.append(params["clientId"])
        yield self

    async def send_str(self, text: str) -> None:
        self.sent.append(text)

    async def __aiter__(self) -> AsyncIterator[WSMessage]:
        if len(self.client_ids) > 1:
            await asyncio.Event().wait()
        for one in self._said:
            yield WSMessage(WSMsgType.TEXT if isinstance(one, str) else WSMsgType.BINARY, one, None)
        if self._stays:
            await asyncio.Event().wait()


class Ears:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.shown: list[bytes] = []

    async def hear(self, event: str, data: dict[str, Any]) -> None:
        self.heard.append(event)

    def show(self, picture: bytes) -> None:
        self.shown.append(picture)


def event(kind: str, prompt: UUID = PROMPT, **data: Any) -> str:
    """A message about a prompt."""
    return msgspec.json.encode({"type": kind, "data": {"prompt_id": str(prompt), **data}}).decode()


def frame(prompt: UUID | None = None) -> bytes:
    """A preview, of the newer form if it says whose it is."""
    if prompt is None:
        return struct.pack(">II", 1, 1) + JPEG
    about = msgspec.json.encode({"prompt_id": str(prompt)})
    return struct.pack(">II", 4, len(about)) + about + JPEG


@asynccontextmanager
async def heard(line: Line) -> AsyncGenerator[tuple[Listener, Ears]]:
    """A listener that has heard everything there was."""
    ears = Ears()
    async with listening(cast("Transport", cast("Any", line)), PROMPT, ears) as listening_one:
        await listening_one.opened()
        for _ in range(20):
            await asyncio.sleep(0)
        yield listening_one, ears


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_PAUSE_S", 0)


async def test_abilities_are_said_first() -> None:
    """ComfyUI takes them from a connection's first message only."""
    line = Line(stays=True)
    async with heard(line):
        assert [{"type": "feature_flags", "data": {"supports_preview_metadata": True}}] == [
            msgspec.json.decode(text) for text in line.sent
        ]


async def test_only_the_prompts_own_events() -> None:
    """Those of prompts without a client id come to everybody."""
    async with heard(Line(event("progress", OTHER), "no json", event("executing", node="a"))) as (
        one,
        ears,
    ):
        assert (1, ["executing"]) == (one.signs, ears.heard)


async def test_frames_of_the_prompt_only() -> None:
    """One that says whose it is, by that; one that does not, by what runs."""
    said = [
        *(frame(), frame(PROMPT), event("execution_start"), frame(), frame(PROMPT), frame(OTHER)),
        *(event("execution_success"), frame()),
    ]
    async with heard(Line(*said)) as (_, ears):
        assert [JPEG, JPEG] == ears.shown


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (event("progress", value=1, max=4), True),
        (event("progress", value=4, max=4), False),
        (event("progress", value=0, max=4), False),
        (event("executing", node="b"), False),
        (event("progress", OTHER, value=4, max=4), True),
        (event("progress_state", nodes={}), True),
    ],
)
async def test_between_two_steps(last: str, *, expected: bool) -> None:
    """Only there the next sign has to come soon; on the same connection."""
    said = event("progress", value=2, max=4), last
    async with heard(Line(*said, stays=True)) as (one, _):
        assert expected is one.is_counting


async def test_after_a_lost_connection() -> None:
    """A new one has an id of its own, so the prompt's events do not come there."""
    line = Line(event("progress", value=2, max=4))
    ears = Ears()
    one = Listener(cast("Transport", cast("Any", line)), PROMPT, ears)
    known_as = one.client_id()
    task = asyncio.create_task(one.listen())
    for _ in range(20):
        await asyncio.sleep(0)

    assert [known_as] == line.client_ids[:1]
    assert 2 == len(set(line.client_ids))
    assert (True, False, False) == (one.is_live, one.is_told, one.is_counting)
    task.cancel()


async def test_what_the_history_would_show() -> None:
    """Outputs and success are kept, should the history get lost."""
    output = {"images": [{"filename": "a.png"}]}
    said = [
        event("executed", node="save", output=output),
        event("executed", node="load", output=None),
        event("execution_success"),
    ]
    async with heard(Line(*said)) as (one, _):
        assert ({"save": output}, True) == (one.saved, one.succeeded)


async def test_an_end_is_told_at_once_and_a_stir_later() -> None:
    """A busy server's ``status`` does not make a storm of looks."""
    async with heard(Line(event("execution_success"))) as (one, _):
        assert await one.woken(5.0, 5.0)
        one._stirred.set()
        assert not await one.woken(0.0, 5.0)

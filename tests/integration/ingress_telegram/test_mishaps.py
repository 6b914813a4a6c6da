"""An update that a bug keeps from being handled is tried again, then kept for the operator, and answered."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from nats.js.api import Header
from nats.js.errors import NotFoundError

from schemas import subjects
from schemas.commands import RepeatJob, RequestRender
from services.common.bus import TooLargeError
from services.common.keys import Keyring
from services.common.seal import unseal_struct
from services.ingress.intent import Heard, Intent
from services.ingress.submission import Submitter
from services.ingress.telegram import intake, mishap
from services.ingress.telegram.incoming import Incoming
from tests.botapi.api import BotApi
from tests.botapi.pictures import image_bytes
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_telegram.painting import painted
from tests.servers import NatsServer, eventually

ANN, BOB = 1001, 1002
SORRY = "Something went wrong on my side. Please try again."
UNDERSTAND = intake.understand

pytestmark = pytest.mark.usefixtures("service")


@pytest.fixture(autouse=True)
def bug(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Understanding "wintergreen" fails, for as many times as it is told; other words do not."""
    left = [0]

    def understand(heard: Heard) -> Intent:
        if "wintergreen" in heard.text and left[0] > 0:
            left[0] -= 1
            raise KeyError(heard.text)
        return UNDERSTAND(heard)

    monkeypatch.setattr(intake, "understand", understand)
    monkeypatch.setattr(mishap, "_AGAIN_S", (0.01, 0.02))
    return lambda times: left.__setitem__(0, times)


async def parked(orchestrator: FakeOrchestrator, keyring: Keyring) -> list[tuple[str, Incoming]]:
    """What lies on PARKED: why, and the message itself, opened."""
    found: list[tuple[str, Incoming]] = []
    count = (await orchestrator.bus.jetstream.stream_info(subjects.PARKED)).state.messages
    for sequence in range(1, count + 1):
        message = await orchestrator.bus.jetstream.get_msg(subjects.PARKED, sequence)
        assert "parked.telegram" == message.subject
        assert b"wintergreen" not in (message.data or b"")
        headers = message.headers or {}
        part = unseal_struct(keyring.transport, message.data or b"", UUID(headers[Header.MSG_ID]), Incoming)
        found.append((headers[subjects.REASON_HEADER], part))
    return found


def said(api: BotApi, chat_id: int) -> list[str]:
    """What the bot has said there."""
    return [message.text for message in api.from_bot(chat_id)]


async def test_what_fails_once_is_done_once(
    api: BotApi, orchestrator: FakeOrchestrator, keyring: Keyring, bug: Callable[[int], None]
) -> None:
    """Its person notices nothing."""
    bug(2)
    api.user_says(ANN, "/f wintergreen")
    command = await orchestrator.next(RequestRender)
    await api.until(lambda: not api.pending_updates)

    assert "wintergreen" == orchestrator.secrets(command).words.prompt
    assert (1, []) == (len(orchestrator.heard), said(api, ANN))
    assert [] == await parked(orchestrator, keyring)


async def test_what_fails_again_and_again_is_parked_and_said(
    api: BotApi, orchestrator: FakeOrchestrator, keyring: Keyring, bug: Callable[[int], None]
) -> None:
    """Sealed, with its reason; and what the chat says next is done."""
    bug(100)
    asked = api.user_says(ANN, "/f wintergreen")
    api.user_says(ANN, "/f a cat")
    command = await orchestrator.next(RequestRender)
    await api.until(lambda: not api.pending_updates)
    [(reason, part)] = await parked(orchestrator, keyring)

    assert "a cat" == orchestrator.secrets(command).words.prompt
    assert ("bug", "/f wintergreen", asked, ANN) == (reason, part.text, part.message_id, part.person_id)
    assert [SORRY] == said(api, ANN)


async def test_every_part_of_an_album_is_parked(
    api: BotApi, orchestrator: FakeOrchestrator, keyring: Keyring, bug: Callable[[int], None]
) -> None:
    """And nothing of it comes again when the channel starts anew."""
    bug(100)
    api.user_sends_album(ANN, [image_bytes(), image_bytes()], caption="/qwen wintergreen")
    await api.until(lambda: said(api, ANN))
    found = await parked(orchestrator, keyring)

    async def is_dropped() -> bool:
        bucket = await orchestrator.bus.jetstream.key_value(subjects.SHOWN_BUCKET)
        try:
            return not [key for key in await bucket.keys() if key.startswith("album.")]
        except NotFoundError:
            return True

    await eventually(is_dropped)
    assert ([1, 1], [SORRY]) == ([len(part.files) for _, part in found], said(api, ANN))


async def test_it_is_not_let_go_before_it_is_parked(
    api: BotApi,
    orchestrator: FakeOrchestrator,
    keyring: Keyring,
    nats: NatsServer,
    bug: Callable[[int], None],
) -> None:
    """While NATS is away Telegram keeps it, and nobody else has to wait for it."""
    bug(100)
    await nats.stop()
    api.user_says(ANN, "/f wintergreen")
    await api.until(lambda: said(api, ANN))
    polls = len(api.calls("getUpdates"))
    await api.until(lambda: len(api.calls("getUpdates")) > polls + 4)
    waiting = api.pending_updates
    await nats.start()
    await api.until(lambda: not api.pending_updates)

    assert 1 == waiting
    assert ["/f wintergreen"] == [part.text for _, part in await parked(orchestrator, keyring)]
    assert SORRY == said(api, ANN)[-1]


async def test_what_never_works_is_not_tried_again(
    api: BotApi, orchestrator: FakeOrchestrator, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A press is parked like a message; and why it can't be is said."""
    tries: list[str] = []

    async def submit(*_: object, **given: str) -> None:
        tries.append(given["said"])
        raise TooLargeError

    api.user_says(ANN, "/f a cat")
    command = await orchestrator.next(RequestRender)
    pictures = await painted(orchestrator, command, "teal")
    await orchestrator.show(orchestrator.entry_for(command, status="done", pictures=pictures))
    await api.until(lambda: [message.labels for message in api.from_bot(ANN)] == [["Another one"]])
    monkeypatch.setattr(Submitter, "submit", submit)
    api.user_presses(ANN, api.from_bot(ANN)[0].message_id, "Another one")
    await api.until(lambda: len(api.from_bot(ANN)) > 1)
    await api.until(lambda: not api.pending_updates)
    [(reason, part)] = await parked(orchestrator, keyring)

    assert (["/vary"], "message-too-large") == (tries, reason)
    assert part.press is not None
    assert [] == orchestrator.all(RepeatJob)
    assert said(api, ANN)[-1].startswith("That is too much at once for me to carry.")

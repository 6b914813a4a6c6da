"""The test's end of the server: people's hands, the transcript, faults, and the final reckoning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from tests.botapi.faults import Faults
from tests.botapi.fetching import Fetching
from tests.botapi.flood import FloodRule
from tests.botapi.messages import Message
from tests.botapi.people import People
from tests.botapi.world import Press, Reply, World

T = TypeVar("T")


class Listener(Protocol):
    """What the HTTP side lets a test do."""

    async def start(self, port: int) -> int: ...
    async def stop(self) -> None: ...


class BotApi:
    """What a test holds while the server runs."""

    def __init__(self, *, token: str, username: str, per_chat_s: float, upload_limit_bytes: int) -> None:
        self.upload_limit_bytes = upload_limit_bytes
        self.world = World(token, username)
        self.faults = Faults()
        self.flood = FloodRule(per_chat_s=per_chat_s)
        self.fetching = Fetching(self.world)
        self.users = People(self.world)
        # The names tests read best by.
        self.user_says = self.users.says
        self.user_sends_photo = self.users.sends_photo
        self.user_sends_document = self.users.sends_document
        self.user_sends_media = self.users.sends_media
        self.user_sends_album = self.users.sends_album
        self.user_edits = self.users.edits
        self.user_deletes = self.users.deletes
        self.user_presses = self.users.presses
        self.user_blocks = self.users.blocks
        self._server: Listener | None = None
        self._port = 0

    def attach(self, server: Listener, port: int) -> None:
        """Called once by ``running_bot_api``."""
        self._server, self._port = server, port

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.world.token

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``; a client appends ``/bot<token>/`` or ``/file/bot<token>/``."""
        return f"http://127.0.0.1:{self._port}"

    async def go_down(self) -> None:
        """Stop listening and break all connections. What is known stays known."""
        assert self._server
        await self._server.stop()

    async def come_back(self) -> None:
        """Listen again on the same port."""
        assert self._server
        await self._server.start(self._port)

    def chat(self, chat_id: int) -> list[Message]:
        """The chat as a person sees it now, oldest first; empty if there is none."""
        return self.world.chats[chat_id].visible if chat_id in self.world.chats else []

    def from_bot(self, chat_id: int) -> list[Message]:
        """The bot's messages among them."""
        return [message for message in self.chat(chat_id) if message.sender == "bot"]

    def calls(self, method: str) -> list[Reply]:
        """All calls of a method, refused and dropped ones too."""
        return [reply for reply in self.world.replies if reply.method == method]

    def press(self, query_id: str) -> Press:
        """A pressed button by its callback query id; ``answer`` is None until the bot answered."""
        return self.world.presses[query_id]

    @property
    def unanswered(self) -> list[Press]:
        """Pressed buttons that still show their little clock."""
        return [press for press in self.world.presses.values() if press.answer is None]

    @property
    def pending_updates(self) -> int:
        """Updates the bot has not let go yet."""
        return len(self.world.updates.pending)

    @property
    def violations(self) -> list[str]:
        """What only a broken client does, oldest first."""
        return self.world.violations

    @property
    def refusals(self) -> list[Reply]:
        """Every call that was not answered with success, violations and ordered faults included."""
        return [reply for reply in self.world.replies if reply.status != 200]

    async def until(self, predicate: Callable[[], T], timeout_s: float = 10.0) -> T:
        """
        Wait until *predicate* is true; it is asked again whenever anything changed.

        Returns:
            What the predicate returned.

        Raises:
            AssertionError: *timeout_s* seconds are over; the message is the transcript.
        """
        value = await self.world.bell.until(predicate, timeout_s=timeout_s)
        if value is None:
            raise AssertionError(f"not within {timeout_s} s\n{self.world.transcript()}")
        return value

    def assert_clean(self) -> None:
        """No violation ever, and every pressed button was answered."""
        assert not self.violations, self.world.transcript()
        assert not [press for press in self.unanswered if not press.expired], (
            f"unanswered button\n{self.world.transcript()}"
        )

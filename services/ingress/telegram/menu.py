"""The menu of commands that Telegram offers while a person types ``/``."""

from __future__ import annotations

import asyncio

import structlog

from schemas.catalogue import WorkflowSpec
from schemas.queries import AskHistory, History
from services.common.bus import Bus, BusDownError
from services.common.errors import RejectedError
from services.common.keys import Keyring
from services.common.pseudonym import pseudonym
from services.common.run import until
from services.ingress.questions import ask
from services.ingress.telegram.account import Account
from services.ingress.telegram.refusals import TelegramDownError

_SOON_S = 2.0
_LATER_S = 300.0
_MOST_CHARS = 256
_ALWAYS = (
    ("again", "Make the last one once more"),
    ("vary", "The same with another seed"),
    ("undo", "Back to the picture before the last edit"),
    ("cancel", "Stop what is being made"),
    ("queue", "What is waiting"),
    ("tree", "The pictures of this chat"),
    ("privacy", "What is protected, and what is not"),
    ("help", "What I can do"),
)


def menu(workflows: tuple[WorkflowSpec, ...]) -> list[tuple[str, str]]:
    """Commands and what they do: what can be made first, then what always works."""
    made = sorted({spec.command: spec.title[:_MOST_CHARS] or spec.command for spec in workflows}.items())
    return [*made, *_ALWAYS]


async def keep_menu(bus: Bus, account: Account, keyring: Keyring, stopping: asyncio.Event) -> None:
    """Keep Telegram's menu what can be asked for, until *stopping*; without it everything else works."""
    # A session that nobody is in: only the workflows are wanted.
    nobody = pseudonym(keyring.pseudonym, "session", "telegram", "menu")
    known: list[tuple[str, str]] = []
    pause_s = 0.0
    while not await until(stopping, pause_s):
        pause_s = _SOON_S
        try:
            answer = await ask(bus, AskHistory(session_id=nobody, limit=1))
            if not isinstance(answer, History) or not answer.workflows:
                continue
            offered = menu(answer.workflows)
            if offered != known:
                await account.set_commands(offered)
                known = offered
            pause_s = _LATER_S
        except (BusDownError, TelegramDownError, RejectedError) as exc:
            structlog.get_logger().info("no menu yet", code=exc.code)

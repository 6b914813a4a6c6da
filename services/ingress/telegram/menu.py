"""The menu of commands that Telegram offers while a person types ``/``."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import structlog

from schemas.catalogue import WorkflowSpec
from services.common.bus import Bus
from services.common.errors import RejectedError
from services.common.keys import Keyring
from services.common.pseudonym import pseudonym
from services.common.run import until
from services.ingress.facts import line
from services.ingress.offers import offers
from services.ingress.takes import described
from services.ingress.telegram.account import Account
from services.ingress.telegram.refusals import FloodError, TelegramDownError

_AGAIN_S = 2.0
_MOST_CHARS = 256
_MOST_COMMANDS = 100
_ALWAYS = (
    ("again", "Make the last one once more"),
    ("vary", "The same with another seed"),
    ("undo", "Back to the picture before the last edit"),
    ("cancel", "Stop what is being made"),
    ("queue", "What is waiting"),
    ("tree", "What was made from what"),
    ("privacy", "What is protected, and what is not"),
    ("help", "What I can do"),
)


def menu(workflows: tuple[WorkflowSpec, ...]) -> list[tuple[str, str]]:
    """Commands and what they do: what makes something first, then what always works."""
    made = sorted({spec.command: _described(spec) for spec in workflows}.items())
    return [*made[: _MOST_COMMANDS - len(_ALWAYS)], *_ALWAYS]


def _described(spec: WorkflowSpec) -> str:
    title = line(spec.title, _MOST_CHARS)
    return line(f"{title}: {described(spec)}" if title else described(spec), _MOST_CHARS)


async def keep_menu(bus: Bus, account: Account, keyring: Keyring, stopping: asyncio.Event) -> None:
    """
    Keep Telegram's menu what can be asked for, until *stopping*; without it everything else works.

    What no machine can do just now stays on it: menus are cached by phones, machines come and go.
    """
    nobody = pseudonym(keyring.pseudonym, "session", "telegram", "menu")
    known: list[tuple[str, str]] = []
    async with aclosing(offers(bus, nobody, stopping)) as changes:
        async for offer in changes:
            offered = menu(offer.workflows)
            if offer.workflows and offered != known and await _set(account, offered, stopping):
                known = offered


async def _set(account: Account, offered: list[tuple[str, str]], stopping: asyncio.Event) -> bool:
    """Set it, as soon as Telegram answers; false when it refuses, or there is no more time."""
    pause_s = 0.0
    while not await until(stopping, pause_s):
        try:
            await account.set_commands(offered)
        except TelegramDownError as exc:
            pause_s = exc.retry_after_s if isinstance(exc, FloodError) else _AGAIN_S
            structlog.get_logger().info("no menu yet", code=exc.code)
        except RejectedError as exc:
            structlog.get_logger().warning("menu refused", code=exc.code, reason=str(exc))
            return False
        else:
            return True
    return False

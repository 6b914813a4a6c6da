"""
Buttons under a message, and what a pressed one says.

A button holds all it needs (``<action>:<id>``), so it works for as long as its message exists. It is safe
to believe: the orchestrator looks only within the session of the chat in which it was pressed.
"""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from schemas.commands import Target
from schemas.replies import Entry
from services.ingress.shown import Action, Button, Shown

_ACTIONS: dict[str, Action] = {action: action for action in get_args(Action)}
_USE = Button(label="Use this one", action="use")


def job_keyboard(buttons: tuple[Button, ...], job_id: UUID) -> InlineKeyboardMarkup | None:
    """A row of buttons that mean *job_id*; nothing for no buttons."""
    if not buttons:
        return None
    row = [InlineKeyboardButton(b.label, callback_data=f"{b.action}:{job_id}") for b in buttons]
    return InlineKeyboardMarkup([row])


def entry_keyboard(entry: Entry, shown: Shown) -> InlineKeyboardMarkup | None:
    """An entry's buttons. An answer has none of its own, but a reply to its picture should find that."""
    keyboard = job_keyboard(shown.buttons, entry.entry_id)
    if keyboard is None and entry.status == "answered" and shown.pictures:
        return picture_keyboard(shown.pictures[0].image_id)
    return keyboard


def picture_keyboard(image_id: UUID) -> InlineKeyboardMarkup:
    """One button that means *image_id*: an answer to its message finds the picture by it."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(_USE.label, callback_data=f"use:{image_id}")]])


def read_press(data: str) -> tuple[Action, Target] | None:
    """What a pressed button means; nothing when it is none of ours."""
    name, _, text = data.partition(":")
    action = _ACTIONS.get(name)
    try:
        meant = UUID(text)
    except ValueError:
        return None
    if action is None:
        return None
    return action, Target(image_id=meant) if action == "use" else Target(job_id=meant)


def picture_of(markup: InlineKeyboardMarkup | None) -> UUID | None:
    """The picture that a message's button names."""
    rows = markup.inline_keyboard if markup else ()
    for data in (button.callback_data for row in rows for button in row):
        read = read_press(data) if isinstance(data, str) else None
        if read is not None and read[1].image_id is not None:
            return read[1].image_id
    return None

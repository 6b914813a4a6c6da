"""What a person sees of an entry. Pure nouns; each channel draws them in its own way."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from schemas.replies import Picture, Status

Action = Literal["cancel", "again", "vary", "use"]


class Button(Struct, frozen=True, kw_only=True):
    """Something to press under an entry."""

    label: str
    action: Action


class Shown(Struct, frozen=True, kw_only=True):
    """
    An entry in words.

    Attributes:
        status: Where it stands.
        text: One or a few sentences.
        buttons: What can be done with it now.
        pictures: What it made; empty until it is done.
        is_final: Nothing more will come: once this is shown, the outcome was shown.
        alt: What the pictures show, in the person's own words, for those who can't see them.
    """

    status: Status
    text: str
    buttons: tuple[Button, ...]
    pictures: tuple[Picture, ...]
    is_final: bool
    alt: str = ""

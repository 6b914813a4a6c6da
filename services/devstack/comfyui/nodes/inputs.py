"""Short ways to write inputs, so that node tables read as tables."""

from __future__ import annotations

from typing import Any

from .spec import COMBO, Input, Options

MAX_RESOLUTION = 16384


def link(name: str, type_: str, *, required: bool = True, **meta: Any) -> Input:
    """Input that only another node can fill."""
    return Input(name=name, type=type_, required=required, meta=meta)


def integer(name: str, default: int, low: int, high: int, **meta: Any) -> Input:
    """INT from *low* to *high*."""
    return Input(name=name, type="INT", meta={"default": default, "min": low, "max": high, **meta})


def number(name: str, default: float, low: float, high: float, **meta: Any) -> Input:
    """FLOAT from *low* to *high*."""
    return Input(name=name, type="FLOAT", meta={"default": default, "min": low, "max": high, **meta})


def text(name: str, **meta: Any) -> Input:
    """STRING."""
    return Input(name=name, type="STRING", meta=meta)


def choice(name: str, options: tuple[str, ...], *, required: bool = True, **meta: Any) -> Input:
    """One of fixed *options*."""
    return Input(name=name, type=COMBO, options=lambda _: list(options), required=required, meta=meta)


def listed(name: str, options: Options, *, required: bool = True, **meta: Any) -> Input:
    """One of what *options* finds on the server at the time."""
    return Input(name=name, type=COMBO, options=options, required=required, meta=meta)


def model_file(name: str, folder: str, **meta: Any) -> Input:
    """A file of a models folder."""
    return listed(name, lambda here: here.shelf.files(folder) or [], **meta)

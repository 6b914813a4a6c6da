"""JSON of unknown origin. Stricter than ``json``, so that what is kept can be written and read anywhere."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn, TypeGuard, cast

from schemas.importing import FILE_BYTES_MAX
from services.renderer.importing.refusal import RefusedError

_DEPTH_MAX = 64
_WHOLE_LEAST, _WHOLE_MOST = -(2**63), 2**64 - 1


def read(text: str) -> Any:
    """
    The value that *text* stands for: finite, of bounded depth, without anything said twice.

    Raises:
        RefusedError: It is not such a text.
    """
    if len(text.encode(errors="replace")) > FILE_BYTES_MAX:
        raise RefusedError("not-json", f"The file is larger than {FILE_BYTES_MAX // 1000} kB.")
    try:
        value = json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_once_each, parse_constant=_not_a_number
        )
    except json.JSONDecodeError as exc:
        where = f"line {exc.lineno}, column {exc.colno}"
        raise RefusedError("not-json", f"The file is not JSON: {exc.msg} at {where}.") from exc
    except RecursionError as exc:
        raise _too_deep() from exc
    except ValueError as exc:  # a number of thousands of digits
        raise RefusedError("not-json", "The file holds a number that is too large.") from exc
    _check(value)
    return value


def is_mapping(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is a JSON object."""
    return isinstance(value, dict)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    together = dict(pairs)
    if len(together) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        # Which of the two was meant can't be told.
        raise RefusedError("not-json", f"The file has {twice[:60]!r} twice in the same place.")
    return together


def _not_a_number(name: str) -> NoReturn:
    raise RefusedError("not-json", f"The file holds {name}, which is not a number in JSON.")


def _check(value: Any) -> None:
    level = [value]
    for _ in range(_DEPTH_MAX):
        for one in level:
            _check_one(one)
        level = [part for one in level for part in _parts(one)]
        if not level:
            return
    raise _too_deep()


def _check_one(value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise RefusedError("not-json", "The file holds a number that is too large.")
    if isinstance(value, int) and not _WHOLE_LEAST <= value <= _WHOLE_MOST:
        raise RefusedError("not-json", f"The file holds {value}, which is no number ComfyUI can take.")
    if isinstance(value, str) and ("\0" in value or not _is_unicode(value)):
        raise RefusedError("not-json", "The file holds characters that are not text.")


def _parts(value: Any) -> list[Any]:
    if is_mapping(value):
        return [*value.keys(), *value.values()]
    return cast("list[Any]", value) if isinstance(value, list) else []


def _is_unicode(text: str) -> bool:
    """Half a surrogate pair can be written in JSON, and in nothing else."""
    return not any("\ud800" <= one <= "\udfff" for one in text)


def _too_deep() -> RefusedError:
    return RefusedError("not-json", f"The file is nested deeper than {_DEPTH_MAX} levels.")

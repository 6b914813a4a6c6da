"""Any value of a msgspec type, within its bounds, for property tests."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_FEW = 2


@cache
def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values that decode again as *kind*."""
    return _values(inspect.type_info(kind))


def _values(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.StructType():
            fields = {field.encode_name: _values(field.type) for field in info.fields}
            return st.builds(info.cls, **fields)
        case inspect.UnionType():
            return st.one_of(*(_values(one) for one in info.types))
        case inspect.VarTupleType():
            return st.lists(_values(info.item_type), max_size=_FEW).map(tuple)
        case inspect.DictType():
            return st.dictionaries(_values(info.key_type), _values(info.value_type), max_size=_FEW)
        case inspect.LiteralType():
            return st.sampled_from(info.values)
        case inspect.StrType():
            if info.pattern:
                return st.from_regex(info.pattern.replace("$", r"\Z"))
            return st.text(max_size=10)
        case inspect.IntType():
            return st.integers(info.ge if info.ge is not None else -9, info.le if info.le is not None else 99)
        case inspect.FloatType():
            return st.floats(info.ge, info.le, allow_nan=False, allow_infinity=False)
        case inspect.BytesType():
            return st.binary(max_size=8)
        case inspect.BoolType():
            return st.booleans()
        case inspect.UUIDType():
            return st.uuids()
        case inspect.DateTimeType():
            return MOMENTS
        case inspect.NoneType():
            return st.none()
        case _:
            raise NotImplementedError(info)

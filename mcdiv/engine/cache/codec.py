"""Records of a study as bytes and back, every bit of every number kept: JSON for the shape, then the arrays.

What comes out is built from the type that is expected, never from what the bytes say it is: bytes from anywhere
can be refused, but they cannot run anything.
"""

import dataclasses
import json
import struct
import types
import typing
from collections.abc import Hashable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

_LENGTH = struct.Struct("<Q")
#: the two kinds of numbers that results hold
_KINDS = ("<f8", "<i8")


def packed(value: Any, names: Sequence[Hashable] = ()) -> bytes:
    """A record as bytes; whatever is among `names` is only pointed at."""
    arrays: list[np.ndarray[Any, Any]] = []
    places = {name: place for place, name in enumerate(names)}
    plain = _plain(value, places, frozenset(map(type, places)), arrays)
    header = json.dumps({"value": plain, "arrays": [[a.dtype.str, a.shape] for a in arrays]})
    text = header.encode()
    return b"".join([_LENGTH.pack(len(text)), text, *(array.tobytes() for array in arrays)])


def unpacked(kind: Any, content: bytes, names: Sequence[Hashable] = ()) -> Any:
    """The record of this type that was packed with the same `names`; ValueError where the bytes hold none."""
    try:
        (length,) = _LENGTH.unpack_from(content)
        start = _LENGTH.size + length
        header = json.loads(content[_LENGTH.size : start])
        arrays = []
        for dtype, shape in header["arrays"]:
            if dtype not in _KINDS:
                raise ValueError(f"no array of {dtype} is ever kept")
            count = int(np.prod(shape, dtype=np.int64))
            arrays.append(np.frombuffer(content, dtype, count, start).reshape(shape).copy())
            start += 8 * count
        if start != len(content):
            raise ValueError(f"{len(content) - start} bytes too many")
        return _built(kind, header["value"], names, arrays)
    except (KeyError, IndexError, TypeError, AttributeError, struct.error) as error:
        raise ValueError(f"not a packed record: {error}") from None


def canonical(value: Any) -> str:
    """A value as one text: equal values, and only those, have the same."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.compare]
        inner = (f"{name}={canonical(getattr(value, name))}" for name in names)
        return f"{type(value).__name__}({','.join(inner)})"
    if isinstance(value, tuple):
        return f"({','.join(map(canonical, value))})"
    if isinstance(value, float):
        return float(value).hex()
    if value is None or isinstance(value, (str, int, Fraction)):
        return repr(value)
    raise TypeError(f"no canonical text of a {type(value).__name__}")


def _plain(  # noqa: PLR0911 — a line per kind
    value: Any, places: dict[Hashable, int], pointed: frozenset[type], arrays: list[np.ndarray[Any, Any]]
) -> Any:
    if isinstance(value, np.ndarray):
        arrays.append(np.ascontiguousarray(value, dtype="<f8" if value.dtype.kind == "f" else "<i8"))
        return len(arrays) - 1
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    if type(value) in pointed:  # asked first: not every record can be looked up
        return places[value]
    if isinstance(value, dict):
        return [[_plain(entry, places, pointed, arrays) for entry in pair] for pair in value.items()]
    if isinstance(value, tuple):
        return [_plain(entry, places, pointed, arrays) for entry in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, name), places, pointed, arrays) for name, _ in _fields(type(value))]
    raise TypeError(f"cannot pack a {type(value).__name__}")


def _built(  # noqa: PLR0911 — a line per kind
    kind: Any, plain: Any, names: Sequence[Hashable], arrays: Sequence[np.ndarray[Any, Any]]
) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if hasattr(origin, "__value__"):  # NDArray is an alias by the statement `type` from NumPy 2.5 and Python 3.12 on
        origin = typing.get_origin(origin.__value__)
    if origin in (types.UnionType, typing.Union):
        if plain is None:
            return None
        (kind,) = (one for one in inner if one is not type(None))
        return _built(kind, plain, names, arrays)
    if origin is np.ndarray or kind is np.ndarray:
        return arrays[plain]
    if origin is dict:
        return {_built(inner[0], k, names, arrays): _built(inner[1], v, names, arrays) for k, v in plain}
    if origin is tuple:
        each = inner[:1] * len(plain) if inner[-1] is Ellipsis else inner
        return tuple(_built(one, entry, names, arrays) for one, entry in zip(each, plain, strict=True))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if isinstance(plain, int):
            return _named(kind, names[plain])
        return kind(
            **{name: _built(one, entry, names, arrays) for (name, one), entry in zip(_fields(kind), plain, strict=True)}
        )
    if kind in (int, str, bool, float):
        return kind(plain)
    raise TypeError(f"cannot build a {kind}")


def _named(kind: type, value: Hashable) -> Hashable:
    if not isinstance(value, kind):
        raise TypeError(f"expected a {kind.__name__}, got a {type(value).__name__}")
    return value


@cache
def _fields(kind: type) -> list[tuple[str, Any]]:
    hints = typing.get_type_hints(kind)
    return [(field.name, hints[field.name]) for field in dataclasses.fields(kind)]

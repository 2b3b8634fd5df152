"""JSON objects as columns: what the formats ndjson, json and geojson have in common.

1. An object inside an object becomes columns: ``{"ship": {"name": "A"}}`` is a column ``ship_name``, to any depth
   up to ``DEEPEST``. A list is kept as its JSON text, and so is what lies deeper.
2. A column whose values are all texts, all whole numbers, all numbers or all booleans has that type. In any other
   column all values are texts: a text as it is, everything else as its JSON text.
3. Keys become names by ``naming``. An object in which two keys become one name
   is no row, nor is one without any value.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, BinaryIO, NoReturn, TypeVar

import pyarrow as pa

from havre.errors import Invalid
from havre.lake.model import Rejected
from havre.lake.parsed import Parsed
from havre.sources.formats.naming import identifier
from havre.sources.formats.whole_lines import BOM

DEEPEST = 8
MOST_COLUMNS = 512
PIECE_ROWS = 128 * 1024
LARGEST_DOCUMENT = 128 * 1024 * 1024
"""A document of JSON is read into memory as a whole; what is larger belongs into ndjson."""

Record = dict[str, Any]
T = TypeVar("T")


def _no_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_DECODER = json.JSONDecoder(parse_constant=_no_json)


def value(text: bytes) -> Any:
    """The JSON value that this is (RFC 8259, in UTF-8). ``Invalid`` says why it is none."""
    try:
        read = _DECODER.decode(text.decode())
        if b"\\u" in text:
            json.dumps(read, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Invalid("is not JSON: half a character (a lone surrogate)") from None
    except UnicodeDecodeError as error:
        raise Invalid(f"is not JSON: not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise Invalid("is not JSON: nested too deeply") from None
    except ValueError as error:
        raise Invalid(f"is not JSON: {error}") from None
    return read


def document(source: BinaryIO) -> Any:
    """The JSON value that a whole document is. ``Invalid`` when it is none or larger than can be read at once."""
    text = source.read(LARGEST_DOCUMENT + 1)
    if len(text) > LARGEST_DOCUMENT:
        raise Invalid(f"the document has more than {LARGEST_DOCUMENT} bytes", expected="a smaller one, or ndjson")
    return value(text.removeprefix(BOM))


def record(read: Any) -> Record:
    """The columns of one object. ``Invalid`` says why it is no row."""
    if not isinstance(read, dict):
        raise Invalid("is not an object")
    if read and _NESTED.isdisjoint(map(type, read.values())) and all(map(_stays, read)):
        return read  # as most are: nothing to be done
    found: Record = {}
    try:
        _flatten(read, "", 1, found)
    except RecursionError:
        raise Invalid("is nested too deeply") from None
    if not found:
        raise Invalid("is an object without values")
    return found


_NESTED = frozenset({dict, list})


@lru_cache(maxsize=8192)
def _stays(key: str) -> bool:
    return identifier(key) == key


def _flatten(read: Record, prefix: str, depth: int, found: Record) -> None:
    for key, one in read.items():
        if isinstance(one, dict) and depth < DEEPEST:
            _flatten(one, f"{prefix}{key}_", depth + 1, found)
            continue
        name = identifier(prefix + key)
        if name in found:
            raise Invalid(f"has two values for the column {name}")
        found[name] = json.dumps(one, ensure_ascii=False) if isinstance(one, dict | list) else one


def parsed(inputs: Iterable[tuple[int, T]], read: Callable[[T], Any], raw: Callable[[T], bytes], form: str) -> Parsed:
    """The rows that ``read`` makes of the inputs, each with its position; what it makes no object of is rejected.

    ``raw`` gives an input as the format ``form`` reads it on its own.
    """
    records: list[Record] = []
    kept: list[tuple[int, T]] = []
    rejected: list[Rejected] = []
    names: dict[str, None] = {}
    for position, one in inputs:
        try:
            found = record(read(one))
            _add_names(found, names)
        except Invalid as why:
            rejected.append(Rejected(raw(one), form, str(why), position))
        else:
            records.append(found)
            kept.append((position, one))
    rows = pa.table({name: column([found.get(name) for found in records]) for name in names})
    positions = pa.array([position for position, _ in kept], pa.int64())
    return Parsed(rows, positions, lambda index: raw(kept[index][1]), form, tuple(rejected))


def _add_names(found: Record, names: dict[str, None]) -> None:
    if found.keys() <= names.keys():
        return
    new = [name for name in found if name not in names]
    if len(names) + len(new) > MOST_COLUMNS:
        # rows times columns is what they take in memory: one short row each with a name of its own must not fill it
        raise Invalid(f"brings {len(new)} new columns where there are {len(names)} of at most {MOST_COLUMNS}")
    names.update(dict.fromkeys(new))


_UNIFORM: dict[frozenset[type], pa.DataType] = {
    frozenset(): pa.string(),
    frozenset({str}): pa.string(),
    frozenset({bool}): pa.bool_(),
    frozenset({int}): pa.int64(),
    frozenset({float}): pa.float64(),
    frozenset({int, float}): pa.float64(),
}


def column(values: list[Any]) -> pa.Array:
    """The values of one column in the type that they share, else as texts."""
    kinds = frozenset(map(type, values)) - {type(None)}
    try:
        return pa.array(values, _UNIFORM[kinds])
    except (KeyError, OverflowError, pa.ArrowInvalid):  # a mixture, or a number that no such column can hold exactly
        return pa.array([one if one is None or type(one) is str else json.dumps(one) for one in values], pa.string())


def pieces(objects: Sequence[Any], read: Callable[[Any], Any], form: str) -> Iterator[Parsed]:
    """The objects of a document, a bounded number at a time; positions count them."""
    for first in range(0, len(objects), PIECE_ROWS):
        yield parsed(enumerate(objects[first : first + PIECE_ROWS], first), read, text, form)


def text(read: Any) -> bytes:
    """The value as JSON on one line."""
    try:
        return json.dumps(read, ensure_ascii=False, default=str).encode()
    except RecursionError:  # it could just be read, not written: what is left says at least where it stood
        return b"null"


def at(read: Any, path: str) -> Any:
    """What stands under a dotted path of keys. ``Invalid`` names the keys that are there."""
    for key in (part for part in path.split(".") if part):
        if not isinstance(read, Mapping) or key not in read:
            there = ", ".join(map(str, read)) if isinstance(read, Mapping) else "no keys"
            raise Invalid(f"there is no {key!r} in the document", field="options.rows", expected=there[:200])
        read = read[key]
    return read

"""Records to JSON: one way to write a value, so that equal answers are equal bytes."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import sha256


def canonical_json(value: object) -> str:
    """JSON with sorted keys, no spaces and shortest round-trip numbers; what fingerprints are taken of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def fingerprint(value: object) -> str:
    """`sha256:` and the hexadecimal digest of the canonical JSON of a plain value."""
    return "sha256:" + sha256(canonical_json(value).encode()).hexdigest()


def plain_record(record: object) -> dict[str, object]:
    """A dataclass instance as plain values, keys in the order in which the fields are declared."""
    if not is_dataclass(record):
        raise TypeError("only records have named fields")
    return {item.name: plain(getattr(record, item.name)) for item in fields(record)}


def plain(value: object) -> object:
    """A record as dicts, lists, strings, numbers and None, keys in the order in which the fields are declared.

    Raises ValueError for a number that is not finite: NaN stops here and never reaches a file.
    """
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return plain_record(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number in a result must be finite")
    return value


def document(value: object) -> bytes:
    """A plain value as an indented UTF-8 JSON file that ends in a newline."""
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()

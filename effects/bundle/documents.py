"""The files of a bundle as values: JSON and TOML, read without trust."""

import json
import tomllib
from functools import lru_cache
from typing import Any, Final

from effects.errors import EffectsError, Finding

LARGEST_NUMBER: Final = 400
"""Digits beyond which a text is no number that any of our files holds."""


class Unreadable(EffectsError):
    """A file of a bundle is not what its name says."""


@lru_cache(maxsize=256)
def read_json(content: bytes) -> Any:
    """What JSON in UTF-8 holds; Unreadable also for a name that stands twice and for a number that is not finite."""
    try:
        return json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_not_finite, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise _unreadable("This is not JSON: {reason}.", error) from error


@lru_cache(maxsize=256)
def read_table(content: bytes) -> dict[str, Any]:
    """What TOML in UTF-8 holds; raises Unreadable."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _unreadable("This is not TOML: {reason}.", error) from error


def record_of(content: bytes | None) -> dict[str, Any]:
    """The record that JSON holds; empty where there is none, so that only what it lacks differs."""
    if content is None:
        return {}
    try:
        found = read_json(content)
    except Unreadable:
        return {}
    return found if isinstance(found, dict) else {}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _not_finite(text: str) -> float:
    raise ValueError(f"{text} is not a number")


def _whole(text: str) -> int:
    if len(text) > LARGEST_NUMBER:
        raise ValueError("a number is too long")
    return int(text)


def _unreadable(message: str, error: Exception) -> Unreadable:
    params = {"reason": (str(error) or type(error).__name__)[:200]}
    return Unreadable([Finding("", "unreadable", message, params=params)])

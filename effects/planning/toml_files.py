"""TOML files of people: what they hold, or why it cannot be read."""

import tomllib
from pathlib import Path
from typing import Any

from effects.errors import EffectsError, Finding


def read_toml(path: Path, wrong: type[EffectsError]) -> dict[str, Any]:
    """What a TOML file in UTF-8 holds; raises `wrong` where it cannot be opened or is neither."""
    where = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        params = {"reason": error.strerror or "unknown"}
        message = "This cannot be opened: {reason}."
        raise wrong([Finding(where, "unreadable_file", message, "Check the path.", params)]) from error
    except UnicodeDecodeError as error:
        raise wrong([Finding(where, "not_utf8", "This is not UTF-8 text.", "Save it as UTF-8.")]) from error
    return parse_toml(text, where, wrong)


def parse_toml(text: str, where: str, wrong: type[EffectsError]) -> dict[str, Any]:
    """What TOML holds; raises `wrong` with the line and column where it is none."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError also for a number of thousands of digits
        params = {"reason": str(error)[:200]}
        message, remedy = "This is not TOML: {reason}.", "Write lines of key = value, with texts in quotes."
        raise wrong([Finding(where, "not_toml", message, remedy, params)]) from error

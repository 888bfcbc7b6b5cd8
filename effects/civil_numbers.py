"""Finds what looks like a Danish civil registration number (CPR), so that none is ever stored.

By date pattern alone: numbers issued since 2007 need not satisfy modulus 11.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_DAY_AND_MONTH: Final = r"(?:(?:0[1-9]|1[0-9]|2[0-9])(?:0[1-9]|1[0-2])|30(?:0[13-9]|1[0-2])|31(?:0[13578]|1[02]))"
_DASH_OR_SPACE: Final = "[ \u2010-\u2015\u2212-]{0,3}"
_CPR: Final = re.compile(
    r"(?<![^\W_])(?<![0-9][.,])"  # neither inside a word or number nor the decimals of one
    + _DAY_AND_MONTH
    + "[0-9]{2}"
    + _DASH_OR_SPACE
    + "[0-9]{4}"
    + r"(?![^\W_]|[.,][0-9]*[1-9])"  # 3112991234.0 is what a spreadsheet makes of one
)
_DIGITS: Final = 10
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def looks_like_cpr(text: str) -> bool:
    """Whether a CPR-like value stands anywhere in the text. Never show or log the text when it does."""
    if text.isascii():
        return _CPR.search(text) is not None
    return sum(map(str.isdigit, text)) >= _DIGITS and _CPR.search(_BEYOND_ASCII.sub(_plain, text)) is not None


def _plain(found: re.Match[str]) -> str:
    """Full-width digits as digits, spaces that do not break as spaces, invisible marks as nothing.

    Letter by letter: a whole text of piled marks takes the library a time that grows with its square.
    """
    letter = found[0]
    return "" if unicodedata.category(letter) == "Cf" else unicodedata.normalize("NFKC", letter)


def texts_of(content: object) -> Iterator[str]:
    """Every text in a JSON value, keys too, however deep."""
    ahead = [content]
    while ahead:
        one = ahead.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            ahead.extend([*one, *one.values()])
        elif isinstance(one, list):
            ahead.extend(one)

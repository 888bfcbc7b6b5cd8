"""Danish and English: their catalogues, and the ways numbers and dates are written in each.

The English sentence is the key. A catalogue is read from `templates/locale/` once; nothing compiled is kept.
"""

import string
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Literal

from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from effects.errors import Finding
from effects.message import Message
from registry.kit.clock import COPENHAGEN
from registry.kit.request import Request, settings_of, visitor_of
from registry.kit.resources import folder

Language = Literal["da", "en"]
LANGUAGES: Mapping[str, Language] = {"da": "da", "en": "en"}
COOKIE = "language"
ASTRONOMIC = 1e15  # beyond what anybody counts; shown as 1e+15
LOCALES = {"da": "da_DK", "en": "en_GB"}
DATES = {"da": "dd-MM-yyyy", "en": "d MMM yyyy"}
TIMES = {"da": "dd-MM-yyyy 'kl.' HH.mm", "en": "d MMM yyyy, HH:mm"}


def language_of(request: Request) -> Language:
    """The reader's language: the one they chose here, else the account's, else the installation's."""
    visitor = visitor_of(request)
    chosen = LANGUAGES.get(request.cookies.get(COOKIE, ""))
    return chosen or LANGUAGES.get(visitor.language if visitor else "") or settings_of(request).language


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Every English text with its Danish one; or the English words for codes that do not read as English."""
    with (folder("templates") / "locale" / f"{language}.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}


TEMPLATES = frozenset({"title", "kind", "input", "unit"})
"""Parameters that hold a text of ours, which is translated too; any other is somebody's own words and stays.

Units of the library are ours: one that somebody else stated stays as it is.
"""


@lru_cache(maxsize=4096)
def text(template: str, language: Language) -> str:
    """The template in that language, sentence by sentence where it has a line for each; English without an entry."""
    known = catalogue(language)
    return " ".join(known.get(line, line) for line in template.split("\n"))


class _Filler(string.Formatter):
    """Fills templates with numbers as the language writes them and words as it says them."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        value = super().get_value(key, args, kwargs)
        if key == "day" and isinstance(value, str):
            return _dated(value, self.language)
        return text(value, self.language) if key in TEMPLATES and isinstance(value, str) else value

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, float):
            if not format_spec:
                return number(value, self.language)
            written = format(value, format_spec)
            return written.translate(str.maketrans(",.", ".,")) if self.language == "da" else written
        return format(value, format_spec)


def fill(template: str, params: Mapping[str, object], language: Language) -> str:
    """The template in that language with its values, numbers as it writes them."""
    said = text(template, language)
    return _Filler(language).vformat(said, (), params) if params or "{" in said else said


def translate(said: Message | Finding | Mapping[str, Any] | str, language: Language) -> str:
    """The sentence for a person, also of a message that was kept as JSON; a finding's remedy follows its message."""
    if isinstance(said, str):
        return text(said, language)
    if isinstance(said, Mapping):
        return fill(said["template"], said["params"], language)
    if isinstance(said, Message):
        return fill(said.template, said.params, language)
    parts = [fill(part, said.params, language) for part in (said.message, said.remedy) if part]
    return " ".join(parts)


def term(value: Enum | str, language: Language) -> str:
    """The word for a coded value: `before_after` is filed under "Before after"."""
    return text(term_key(str(value.value if isinstance(value, Enum) else value)), language)


def term_key(value: str) -> str:
    """What a coded value is filed under in the catalogue."""
    words = value.replace("_", " ")
    return words[:1].upper() + words[1:]


def number(value: float | None, language: Language, digits: int | None = None) -> str:
    """1234.5 as 1.234,5 or 1,234.5; as precise as needed to three significant figures unless `digits` is given."""
    if value is None:
        return "–"
    if abs(value) >= ASTRONOMIC:
        return _signed(f"{value:.3g}")
    if digits is None and isinstance(value, int):
        return _counted(value, language)
    if digits is None:
        digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 3
        rounded = f"{value:.3g}" if 0 < abs(value) < 1 else f"{value:.{digits}f}"
        return _signed(format_decimal(rounded, "#,##0.##########", locale=LOCALES[language]))
    return _signed(format_decimal(value, "#,##0" + ("." + "0" * digits if digits else ""), locale=LOCALES[language]))


@lru_cache(maxsize=4096)
def _counted(value: int, language: Language) -> str:
    return _signed(format_decimal(value, "#,##0.##########", locale=LOCALES[language]))


def _signed(written: str) -> str:
    """With a true minus sign, and none before a figure that is nought as it is written."""
    return written.replace("-", "−" if written.strip("-0., %\xa0") else "")


def share(value: float | None, language: Language, digits: int = 0) -> str:
    """0.123 as 12 % or 12%."""
    if value is None:
        return "–"
    percent = "#,##0" + ("." + "0" * digits if digits else "") + ("\u00a0%" if language == "da" else "%")
    return _signed(format_percent(value, percent, locale=LOCALES[language]))


@lru_cache(maxsize=4096)
def day(value: date | None, language: Language) -> str:
    """31-12-2016 or 31 Dec 2016."""
    return format_date(value, DATES[language], locale=LOCALES[language]) if value else "–"


def _dated(written: str, language: Language) -> str:
    """A day that was kept as text, as the language writes it; what is no day stays."""
    try:
        return day(date.fromisoformat(written), language)
    except ValueError:
        return written


def when(value: datetime | None, language: Language) -> str:
    """A moment on the clock in Copenhagen."""
    if value is None:
        return "–"
    return format_datetime(value.astimezone(COPENHAGEN), TIMES[language], locale=LOCALES[language])


def p_value(value: float | None, language: Language) -> str:
    """Three decimals, and "< 0.001" below them."""
    if value is not None and value < 0.001:
        return f"<\N{NO-BREAK SPACE}{number(0.001, language, 3)}"
    return number(value, language, 3)


def interval(ends: Sequence[float | None], language: Language, digits: int | None = None) -> str:
    """Low and high with the language's word between them; an open end is shown as such."""
    low, high = (number(end, language, digits) for end in ends)
    return f"{low} {'til' if language == 'da' else 'to'} {high}"

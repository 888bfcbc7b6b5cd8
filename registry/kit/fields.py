"""Single values into the types of a command, with a finding where one does not fit; never stops at the first.

Text is tidied (white space around it, line ends, composed letters) and refused where it could deceive or break:
NUL and other control characters, lone surrogates, marks that turn the writing direction.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeVar

from msgspec import inspect

from effects.errors import Finding
from registry.kit.cpr import looks_like_cpr

Number = TypeVar("Number", int, float)

LONGEST_TEXT = 10_000
LARGEST_NUMBER = 2**31 - 1  # the width of a number column on PostgreSQL
DECEIVING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
GROUPED = {
    "da": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII),
    "en": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII),
}
PLAIN = {
    "da": re.compile(r"[+-]?(\d+([,.]\d*)?|[,.]\d+)", re.ASCII),
    "en": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII),
}
WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
DANISH_DAY = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})", re.ASCII)
MOST_MARKS = 30
"""Combining marks on one letter, as many as the stream-safe text format of Unicode takes."""

YES = {"on", "true", "1", "yes"}
NO = {"", "off", "false", "0", "no"}


class Refused(Exception):
    """A value that does not fit its field; carried up to where the field's path is known."""

    def __init__(self, code: str, message: str, remedy: str = "", **params: str | int | float) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.params = params

    def finding(self, where: str) -> Finding:
        """The refusal with its place."""
        return Finding(where, self.code, self.message, self.remedy, self.params)


@dataclass(slots=True)
class Reading:
    """One reading of a body: where it came from, the language numbers are written in, and what was found so far."""

    source: Literal["form", "json"]
    language: str
    findings: list[Finding] = field(default_factory=list)

    def value(self, raw: Any, kind: inspect.Type, where: str) -> Any:
        """The value of a single field, or None with a finding."""
        try:
            return self._reader(kind)(raw, kind)
        except Refused as refused:
            self.findings.append(refused.finding(where))
            return None

    def _reader(self, kind: inspect.Type) -> Callable[[Any, Any], Any]:
        readers: dict[type[inspect.Type], Callable[[Any, Any], Any]] = {
            inspect.StrType: self._text,
            inspect.IntType: self._whole,
            inspect.FloatType: self._real,
            inspect.DecimalType: self._decimal,
            inspect.BoolType: self._truth,
            inspect.DateType: self._day,
            inspect.DateTimeType: self._moment,
            inspect.EnumType: self._choice,
            inspect.LiteralType: self._choice,
            inspect.CustomType: self._given,
            inspect.AnyType: lambda raw, _: raw,
        }
        return readers[type(kind)]

    def _text(self, raw: Any, kind: inspect.StrType) -> str:
        written = tidy(raw)
        if looks_like_cpr(written):
            raise Refused(
                "cpr",
                "This contains what looks like a civil registration number (CPR).",
                "Leave it out; such numbers are never stored here.",
            )
        longest = LONGEST_TEXT if kind.max_length is None else kind.max_length
        if len(written) > longest:
            raise Refused("too_long", "This is longer than {longest} characters.", "Shorten it.", longest=longest)
        if kind.min_length and not written:
            raise Refused("missing", "This is missing.", "Fill it in.")
        if kind.min_length and len(written) < kind.min_length:
            raise Refused("too_short", "This is shorter than {shortest} characters.", shortest=kind.min_length)
        if kind.pattern and not re.search(kind.pattern, written):
            raise Refused("pattern", "This is not written in the expected form.")
        return written

    def _whole(self, raw: Any, kind: inspect.IntType) -> int:
        if self.source == "json":
            if type(raw) is not int:
                raise Refused("not_whole", "This is not a whole number.")
            return _bounded(raw, kind)
        written = _number_text(raw)
        if GROUPED[self.language].fullmatch(written):
            written = re.sub(r"[.,]", "", written)
        if not WHOLE.fullmatch(written):
            raise Refused("not_whole", "This is not a whole number.", "Write digits only, for example 250.")
        return _bounded(int(written), kind)

    def _real(self, raw: Any, kind: inspect.FloatType) -> float:
        if self.source == "json":
            if type(raw) not in (int, float):
                raise Refused("not_number", "This is not a number.")
            return _bounded(_real_of(raw), kind)
        return _bounded(float(self._canonical(raw)), kind)

    def _decimal(self, raw: Any, _: inspect.DecimalType) -> Decimal:
        try:
            value = Decimal(str(raw) if self.source == "json" else self._canonical(raw))
        except InvalidOperation:
            raise Refused("not_number", "This is not a number.") from None
        if not value.is_finite() or value.adjusted() > 15:
            raise Refused("out_of_range", "This number is too large.")
        return value

    def _canonical(self, raw: Any) -> str:
        """A number as people write it, in the form the computer reads."""
        written = _number_text(raw)
        mark, group = (",", ".") if self.language == "da" else (".", ",")
        if GROUPED[self.language].fullmatch(written):
            written = written.replace(group, "")
        elif not PLAIN[self.language].fullmatch(written):
            example = "1234,5" if self.language == "da" else "1234.5"
            raise Refused("not_number", "This is not a number.", "Write it like {example}.", example=example)
        return written.replace(mark, ".")

    def _truth(self, raw: Any, _: inspect.BoolType) -> bool:
        if self.source == "json":
            if type(raw) is not bool:
                raise Refused("not_truth", "This is neither true nor false.")
            return raw
        if str(raw).lower() not in YES | NO:
            raise Refused("not_truth", "This is neither true nor false.")
        return str(raw).lower() in YES

    def _day(self, raw: Any, _: inspect.DateType) -> date:
        written = tidy(raw)
        year, month, day = 0, 0, 0
        if match := ISO_DAY.fullmatch(written):
            year, month, day = (int(part) for part in match.groups())
        elif self.source == "form" and (match := DANISH_DAY.fullmatch(written)):
            day, month, year = (int(part) for part in match.groups())
        try:
            return date(year, month, day)
        except ValueError:
            raise Refused("not_date", "This is not a date.", "Write it like 31-12-2026.") from None

    def _moment(self, raw: Any, _: inspect.DateTimeType) -> datetime:
        try:
            moment = datetime.fromisoformat(tidy(raw))
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise Refused("not_moment", "This is not a date with a time.", "Write it like 2026-12-31T14:05.") from None

    def _choice(self, raw: Any, kind: inspect.EnumType | inspect.LiteralType) -> Any:
        options = list(kind.cls) if isinstance(kind, inspect.EnumType) else list(kind.values)
        for option in options:
            if (raw == getattr(option, "value", option)) or (self.source == "form" and str(raw) == str(option)):
                return option
        raise Refused("not_a_choice", "This is not one of the choices.", "Choose one from the list.")

    def _given(self, raw: Any, kind: inspect.CustomType) -> Any:
        if not isinstance(raw, kind.cls):
            raise Refused("missing", "This is missing.", "Fill it in.")
        return raw


def tidy(raw: Any) -> str:
    """Text without surrounding white space, with plain line ends and composed letters.

    Raises Refused for anything that is not text, and for characters that deceive or break.
    """
    if not isinstance(raw, str):
        raise Refused("not_text", "This is not text.")
    if len(raw) > 100 * LONGEST_TEXT:
        raise Refused("too_long", "This is longer than {longest} characters.", "Shorten it.", longest=LONGEST_TEXT)
    written = raw.replace("\r\n", "\n").replace("\r", "\n")
    if DECEIVING.search(written) or _piled(written):
        raise Refused(
            "hidden_characters",
            "This contains invisible control characters.",
            "Type it anew instead of pasting it.",
        )
    return unicodedata.normalize("NFC", written).strip()


def _piled(written: str) -> bool:
    """Whether marks are piled up on a letter; composing them takes a time that grows with their square."""
    marks = 0
    for letter in "" if written.isascii() else written:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks > MOST_MARKS:
            return True
    return False


def _number_text(raw: Any) -> str:
    return re.sub(r"[\s\u00a0\u202f]", "", tidy(raw)).replace("−", "-")[:400]


def _real_of(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _bounded(value: Number, kind: inspect.IntType | inspect.FloatType) -> Number:
    """The number itself when it is finite and within the bounds of its field, or of the database."""
    least = kind.ge if kind.ge is not None else kind.gt
    most = kind.le if kind.le is not None else kind.lt
    finite = math.isfinite(value) if isinstance(value, float) else most is not None or abs(value) <= LARGEST_NUMBER
    if not finite:
        raise Refused("out_of_range", "This number is too large.")
    if (kind.ge is not None and value < kind.ge) or (kind.gt is not None and value <= kind.gt):
        if kind.gt is not None:
            raise Refused("out_of_range", "This number has to be larger than {least}.", least=_shown(least))
        raise Refused("out_of_range", "This number has to be at least {least}.", least=_shown(least))
    if (kind.le is not None and value > kind.le) or (kind.lt is not None and value >= kind.lt):
        if kind.lt is not None:
            raise Refused("out_of_range", "This number has to be smaller than {most}.", most=_shown(most))
        raise Refused("out_of_range", "This number can be at most {most}.", most=_shown(most))
    return value


def _shown(bound: float | None) -> float | int:
    return int(bound) if bound is not None and float(bound).is_integer() else bound or 0

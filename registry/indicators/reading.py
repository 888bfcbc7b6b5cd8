"""Several indicators from text that people keep anyway: pasted lines, or a plan file. Pure."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, TypeVar

from effects.codes import Better, Domain, Role
from effects.errors import Finding
from effects.plan import AnalysisPlan
from registry.indicators.schemas import NewIndicator
from registry.kit.language import LANGUAGES, term, term_key, text

FIELDS: Final = ("code", "name", "domain", "role", "better", "minimal_important")
LEAST: Final = 5
"""Fields a line must have; the smallest difference that matters may be left out."""
LONGEST_NAME: Final = 200

_NUMBER = re.compile(r"\A[0-9]{1,12}(?:[.,][0-9]{1,12})?\Z")
_Code = TypeVar("_Code", bound=StrEnum)


def from_lines(pasted: str) -> tuple[dict[int, NewIndicator], list[Finding]]:
    """The indicators by the number of their line, counted from 1, and everything that is wrong with the other lines.

    A line reads code;name;domain;role;better;minimal_important, parted by semicolons or tabs; a first line of these
    names and empty lines are passed over.
    """
    made: dict[int, NewIndicator] = {}
    findings: list[Finding] = []
    for number, line in enumerate(pasted.splitlines(), 1):
        cells = [cell.strip() for cell in re.split(r"[;\t]", line)]
        if not any(cells) or (number == 1 and cells[0].lower() in {"code", "kode"}):
            continue
        reader = _Line(cells, number)
        indicator = reader.indicator()
        findings += reader.findings
        if indicator is not None:
            made[number] = indicator
    return made, findings


def from_plan(toml: str) -> list[NewIndicator]:
    """The outcomes of a plan file as indicators. Raises PlanError with everything that is wrong with the plan."""
    return [
        NewIndicator(
            code=outcome.column,
            name=outcome.name or outcome.column.replace("_", " "),
            domain=outcome.domain,
            role=outcome.role,
            better=outcome.better,
            minimal_important=outcome.minimal_important,
            margin=outcome.margin,
        )
        for outcome in AnalysisPlan.from_text(toml).outcomes
    ]


def _names(code: StrEnum) -> Iterator[str]:
    """The code, and what the pages call it in any language."""
    yield code.value
    for language in LANGUAGES.values():
        yield term(code, language)
        yield text(f"{term_key(code)} is better", language)


class _Line:
    """Reads the cells of one line and remembers everything that is wrong with it."""

    def __init__(self, cells: list[str], number: int) -> None:
        self.cells = cells
        self.number = number
        self.findings: list[Finding] = []

    def indicator(self) -> NewIndicator | None:
        """The indicator, or None when something is wrong."""
        if not LEAST <= len(self.cells) <= len(FIELDS):
            self.found(
                "wrong_fields",
                "The line has {given} fields.",
                "Write code;name;domain;role;better;minimal_important, the last of which may be left out.",
                given=len(self.cells),
            )
            return None
        code, name, domain, role, better, size = [*self.cells, ""][: len(FIELDS)]
        if not 2 <= len(name) <= LONGEST_NAME:
            self.found("name_length", "The name has to be 2 to 200 characters long.", "Write a name.")
        read = (self.choice(domain, Domain), self.choice(role, Role), self.choice(better, Better), self.size(size))
        if self.findings or read[0] is None or read[1] is None or read[2] is None:
            return None
        return NewIndicator(
            code=code, name=name, domain=read[0], role=read[1], better=read[2], minimal_important=read[3]
        )

    def choice(self, written: str, codes: type[_Code]) -> _Code | None:
        known = {said.lower(): code for code in codes for said in _names(code)}
        if written.lower() not in known:
            self.found(
                "unknown_code",
                "{written} is not one of the words for this field.",
                "Use one of: {known}.",
                written=written[:40] or "–",
                known=", ".join(codes),
            )
        return known.get(written.lower())

    def size(self, written: str) -> float | None:
        if written and not _NUMBER.match(written):
            self.found(
                "not_a_number",
                "{written} is not a number.",
                "Write the smallest difference that matters like 0.05 or 0,05, or leave it out.",
                written=written[:40],
            )
            return None
        return float(written.replace(",", ".")) if written else None

    def found(self, code: str, message: str, remedy: str, **params: str | int) -> None:
        self.findings.append(Finding("lines", code, message, remedy, params, row=self.number))

"""The form of a business case: typed fields to the tables of its file and back, and a finding to its field. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any, Final

import msgspec

from effects.economics.business_case import SCHEMA, BusinessCase
from effects.errors import Finding
from registry.business_cases.rules import BenefitKind
from registry.business_cases.schemas import CaseForm, KeptRow, LineRow, VolumeRow
from registry.business_cases.wording import in_form
from registry.kit.language import Language
from registry.pilots.schemas import TechnologyView

TABLES: Final[Mapping[str, type[msgspec.Struct]]] = {"lines": LineRow, "volumes": VolumeRow, "unquantified": KeptRow}
IN_FILE: Final = {"lines": "line", "volumes": "volume", "unquantified": "unquantified"}
SPARE: Final = {"lines": 2, "volumes": 1, "unquantified": 1}
"""Empty rows below what was typed; `MORE` of each when more are asked for."""

MORE: Final = 5
HEAD: Final = ("title", "currency", "perspective", "price_year", "start_year", "horizon_years")
_PLACE: Final = re.compile(r"(line|volume|unquantified)\[(\d+)\](?:\.(\w+))?")
_FIELD: Final = {"amount": "likely", "by_place": "likely"}
_PERCENT: Final = 100


def stated(form: CaseForm, technology: TechnologyView) -> tuple[dict[str, Any], list[Finding]]:
    """The tables of the file, and what cannot be put into them."""
    shares, found = _shares(form.phase_in)
    used = {row.benefit_kind for row in form.lines}
    factors = {kind: factor for kind, factor in msgspec.structs.asdict(form.optimism).items() if kind in used}
    head = {
        "technology": technology.name,
        "major_version": technology.major_version,
        **{name: getattr(form, name) for name in HEAD},
        "stated_on": form.stated_on,
        "payers": list(form.payers),
        "phase_in": shares,
        "discount_rate": None if form.discount_rate is None else round(form.discount_rate / _PERCENT, 10),
    }
    tables = {
        "business_case": head,
        "optimism": factors,
        "volume": [_row(row) for row in form.volumes],
        "line": [_row(row) for row in form.lines],
        "unquantified": [_row(row) for row in form.unquantified],
    }
    mapping = {name: _filled(table) if isinstance(table, dict) else table for name, table in tables.items()}
    plain: dict[str, Any] = msgspec.to_builtins({"schema": SCHEMA, **mapping})
    return plain, found


def placed(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of a case made from the form, at the fields of the form and in its words."""
    return [in_form(replace(finding, where=_field(finding.where))) for finding in findings]


def shows(case: BusinessCase) -> bool:
    """Whether the form has a field for everything that the case states."""
    counted = any(volume.by_place for volume in case.volumes)
    kinds = {line.benefit_kind for line in case.lines} | set(case.optimism)
    return not (counted or case.extension or case.effect_correlation or kinds - {None, *BenefitKind})


def typed(case: BusinessCase, language: Language) -> dict[str, Any]:
    """The form's fields filled from a case, numbers as the language writes them."""
    tables: Any = case.to_mapping()
    head = tables["business_case"]
    values: dict[str, Any] = {name: head[name] for name in HEAD}
    values["payers"] = list(case.payers)
    values["phase_in"] = "; ".join(_written(round(share * _PERCENT, 8), language) for share in case.phase_in)
    if case.discount_rate is not None:
        values["discount_rate"] = _written(round(case.discount_rate * _PERCENT, 8), language)
    values |= {f"optimism.{kind}": _written(factor, language) for kind, factor in case.optimism.items()}
    for name, row in TABLES.items():
        for cell in row.__struct_fields__:
            listed = [_cell(stated, cell, language) for stated in tables.get(IN_FILE[name], ())]
            values[f"{name}.{cell}"] = listed
    return {f"form.{name}": value for name, value in values.items()}


def rows(values: Mapping[str, Any], *, more: bool = False) -> dict[str, list[dict[str, str]]]:
    """Each table as it was typed, as the findings count it: without empty rows, spare ones at the end."""
    return {name: _rows(values, name, MORE if more else SPARE[name]) for name in TABLES}


def factor(asked: str, language: Language) -> str:
    """A factor of an address (0.8) as the form writes it; empty for what is none."""
    return _written(float(asked), language) if re.fullmatch(r"\d(\.\d{1,4})?", asked, re.ASCII) else ""


def _rows(values: Mapping[str, Any], name: str, spare: int) -> list[dict[str, str]]:
    cells = TABLES[name].__struct_fields__
    columns = [_many(values.get(f"form.{name}.{cell}", [])) for cell in cells]
    listed = [row for row in zip_longest(*columns, fillvalue="") if any(row)]
    return [dict(zip(cells, row, strict=True)) for row in [*listed, *[("",) * len(cells)] * spare]]


def _row(row: msgspec.Struct) -> dict[str, Any]:
    """A row as a table of the file; a figure with neither end is exact."""
    fields = _filled(msgspec.structs.asdict(row))
    if "likely" in fields and not {"low", "high"} & fields.keys():
        fields["amount"] = fields.pop("likely")
    return fields


def _cell(stated: Mapping[str, Any], cell: str, language: Language) -> str:
    value = stated.get(cell, "")
    exact = "low" in stated and stated["low"] == stated["high"]
    if exact and cell in ("low", "high"):
        value = ""
    if cell == "multiplier" and value == 1:
        value = ""
    return _written(value, language) if isinstance(value, int | float) else str(value)


def _written(number: float, language: Language) -> str:
    """A number so that the form reads the same one back."""
    plain = format(Decimal(repr(number)), "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain.replace(".", ",") if language == "da" else plain


def _shares(phase_in: str) -> tuple[list[float], list[Finding]]:
    """Percentages parted by spaces or semicolons as shares; none is everybody from the first year."""
    parts = [part.rstrip("%") for part in re.split(r"[;\s]+", phase_in) if part.rstrip("%")]
    if all(re.fullmatch(r"\d{1,3}([.,]\d+)?", part) for part in parts):
        return [round(float(part.replace(",", ".")) / _PERCENT, 10) for part in parts], []
    wrong = Finding(
        "form.phase_in",
        "not_percentages",
        "These are not percentages year by year.",
        "Write them like 30; 70; 100.",
    )
    return [], [wrong]


def _field(where: str) -> str:
    if match := _PLACE.match(where):
        table = {file: name for name, file in IN_FILE.items()}[match[1]]
        key = match[3] or "title"
        return f"form.{table}.{match[2]}.{_FIELD.get(key, key)}"
    head, _, key = where.partition(".")
    if head == "optimism":
        return f"form.{where}"
    return f"form.{key}" if key else "form.lines.0.title"


def _filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], ())}


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]

"""Reads the tables of a case file into records, each key once, and collects every finding on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any, Final, get_type_hints

from effects.errors import Finding
from effects.planning.reading import TableReader
from effects.rules.facts import READERS, Findings, outside, share
from effects.rules.indicator import Indicator, Study

FARTHEST: Final = 1e5
"""The largest ratio of two standard errors that are pooled."""


def read_fields(kind: type, reader: TableReader, findings: Findings) -> dict[str, Any]:
    """Values of the annotated fields of a record that the table states; what it leaves out stays at its default."""
    hints = get_type_hints(kind, include_extras=True)
    read: dict[str, Any] = {}
    for name in (item.name for item in fields(kind)):
        hint = hints[name]
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            read[name] = reader.code(name, hint, required=name != "claim")
        elif hint is str:
            read[name] = reader.text(name, required=True)
        elif getattr(hint, "__metadata__", ("",))[0] in READERS:
            read[name] = READERS[hint.__metadata__[0]](reader, name, findings)
    return {name: value for name, value in read.items() if value is not None}


def read_indicator(reader: TableReader, findings: Findings) -> Indicator | None:
    """One indicator; None where what it must state is missing, wrong or contradicts itself. Closes the table."""
    before = len(findings)
    values = read_fields(Indicator, reader, findings)
    values |= {name: lost for name, lost in _attrition(reader, findings).items() if name not in values}
    values["studies"] = _studies(reader, findings)
    reader.close()
    findings.extend(_contradictions(values, reader))
    return Indicator(**values) if len(findings) == before else None


def _studies(reader: TableReader, findings: Findings) -> tuple[Study, ...]:
    """The tables `[[indicator.study]]`; those with something wrong are left out and found."""
    read: list[Study] = []
    named: list[str] = []
    for table in reader.tables("study"):
        before = len(findings)
        values = read_fields(Study, table, findings)
        table.close()
        pilot = values.get("pilot")
        if pilot in named:
            findings.append(
                Finding(
                    table.at("pilot"),
                    "repeated_name",
                    "{name} is stated twice.",
                    "State one study for each pilot.",
                    {"name": pilot},
                )
            )
        if len(findings) == before:
            read.append(Study(**values))
        if isinstance(pilot, str):
            named.append(pilot)
    findings.extend(_too_far_apart(read, reader))
    return tuple(read)


def _too_far_apart(studies: Sequence[Study], reader: TableReader) -> Findings:
    """Errors, or estimates in errors, that no arithmetic can weigh against each other."""
    if not studies:
        return []
    errors, estimates = [one.standard_error for one in studies], [one.estimate for one in studies]
    if max(*errors, (max(estimates) - min(estimates)) / FARTHEST, 0.0) <= FARTHEST * min(errors):
        return []
    return [
        Finding(
            reader.at("study"),
            "too_far_apart",
            "Standard errors, or estimates measured in them, lie too many powers of ten apart.",
            "Check whether all pilots are stated in one unit.",
        )
    ]


def _attrition(reader: TableReader, findings: Findings) -> dict[str, float]:
    """Shares lost by arm from head counts, or from the overall and the differential share (treated less comparison)."""
    shares: dict[str, float] = {}
    for arm in ("treated", "control"):
        drawn = reader.count(f"randomised_{arm}", least=1)
        complete = reader.count(f"complete_{arm}", least=0)
        if drawn is not None and complete is not None:
            shares[f"attrition_{arm}"] = 1 - complete / drawn
    overall = share(reader, "attrition", findings)
    differential = reader.number("differential_attrition")
    if overall is not None and differential is not None:
        shares.setdefault("attrition_treated", overall + differential / 2)
        shares.setdefault("attrition_control", overall - differential / 2)
    for name, lost in shares.items():
        findings.extend(outside(reader.at(name), name, lost))
    return shares


def _contradictions(values: Mapping[str, float], reader: TableReader) -> Findings:
    low, estimate, high = (values.get(name) for name in ("low", "estimate", "high"))
    stated = [end for end in (low, estimate, high) if end is not None]
    found: Findings = []
    if stated != sorted(stated):
        found.append(
            Finding(
                reader.at("low"),
                "interval_order",
                "The estimate lies outside its interval.",
                "State low <= estimate <= high in the outcome's own unit.",
            )
        )
    if (low is None) != (high is None):
        found.append(
            Finding(
                reader.at("low" if low is None else "high"),
                "half_interval",
                "Only one end of the interval is stated.",
                "State both ends, or neither.",
            )
        )
    important, margin = values.get("minimal_important"), values.get("margin")
    if important is not None and margin is not None and margin > important:
        found.append(
            Finding(
                reader.at("margin"),
                "margin_too_wide",
                "The margin {margin} is larger than the minimal important difference {important}.",
                "Accept no more harm than the benefit that matters.",
                {"margin": margin, "important": important},
            )
        )
    return found

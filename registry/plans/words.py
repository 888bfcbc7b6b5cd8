"""A plan in words: what each part of the rows is for, and the choices of method that it states."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from effects import codes
from effects.errors import Finding
from effects.message import Message
from effects.plan import AnalysisPlan
from registry.kit.language import Language, term, translate

PARTS: Final[Mapping[str, tuple[Message, Message]]] = {
    "unit": (Message("Unit"), Message("Who is observed repeatedly: a citizen, a school, an area.")),
    "period": (Message("Period"), Message("When a row was observed.")),
    "cluster": (Message("Cluster"), Message("The level at which the technology was assigned. Empty: the unit.")),
    "treated": (Message("Treated"), Message("1 where and when the technology was assigned, else 0.")),
    "first_treated": (Message("First treated period"), Message("Staggered adoption; empty or 0 means never.")),
    "received": (Message("Treatment received"), Message("What was actually received, from 0 to 1.")),
    "start": (Message("Start"), Message("The first period under treatment: a number or a date, not a column.")),
    "group": (Message("Group"), Message("1 where the technology came, 0 in the comparison.")),
    "weight": (Message("Weight"), Message("How much a row counts.")),
    "strata": (Message("Strata"), Message("Groups within which the draw was made.")),
    "sequence": (Message("Sequence"), Message("Which step of the stepped wedge the unit belongs to.")),
    "persons": (Message("Persons"), Message("How many people stand behind a row.")),
}
"""The parts a column can play, each with its name and what it is."""

CHOICES: Final[Mapping[str, type[StrEnum]]] = {
    "design": codes.Design,
    "estimand": codes.Estimand,
    "role": codes.Role,
    "claim": codes.Claim,
    "estimator": codes.Estimator,
    "control": codes.Control,
    "change": codes.Change,
    "working_model": codes.WorkingModel,
    "fixed_effects": codes.FixedEffect,
    "standard_error": codes.StandardError,
    "working_variance": codes.WorkingVariance,
    "bootstrap": codes.BootstrapWeights,
    "missing": codes.MissingMethod,
    "adjustment": codes.Adjustment,
}
"""The lists of the form."""

_SETTINGS: Final[Sequence[tuple[str, str, Message]]] = (
    ("model", "working_model", Message("Working model")),
    ("model", "estimator", Message("Estimator")),
    ("model", "control", Message("Comparison")),
    ("model", "change", Message("Change at the start")),
    ("model", "harmonics", Message("Waves in a season")),
    ("model", "period_length", Message("Periods in a season")),
    ("model", "fixed_effects", Message("Fixed effects")),
    ("inference", "standard_error", Message("Standard error")),
    ("inference", "working_variance", Message("Working variance")),
    ("inference", "level", Message("Confidence level")),
    ("inference", "seed", Message("Seed of random draws")),
    ("multiplicity", "primary", Message("Correction among the primary outcomes")),
    ("multiplicity", "secondary", Message("Correction among the secondary outcomes")),
    ("missing", "method", Message("Missing values")),
)


def settings(plan: AnalysisPlan) -> list[tuple[Message, tuple[object, ...]]]:
    """What the plan states about method, each with one or more values; where it is silent the defaults hold."""
    stated = ((label, getattr(getattr(plan, section), name)) for section, name, label in _SETTINGS)
    return [
        (label, value if isinstance(value, tuple) else (value,)) for label, value in stated if value not in (None, ())
    ]


def columns(plan: AnalysisPlan) -> list[tuple[Message, object]]:
    """Which column plays which part, the parts in their order."""
    stated = ((name_and_meaning[0], getattr(plan.data, part)) for part, name_and_meaning in PARTS.items())
    return [(name, column) for name, column in stated if column is not None]


_CODED: Final = frozenset(
    {"agreed", "allowed", "choices", "design", "estimand", "estimator", "key", "kind", "role", "stated"}
)
"""Parameters of findings about plans that hold codes, one or several separated by commas."""


def spoken(findings: Iterable[Finding], language: Language) -> tuple[Finding, ...]:
    """The findings with the words of the form in place of the codes and keys of a plan file."""
    return tuple(
        replace(
            finding,
            params={name: _word(name, value, finding.code, language) for name, value in finding.params.items()},
        )
        for finding in findings
    )


def _word(name: str, value: object, code: str, language: Language) -> str | int | float:
    if not isinstance(value, str):
        return value if isinstance(value, int | float) else str(value)
    if name not in _CODED:
        return value
    estimands = name == "estimand" or (code == "estimand_not_identified" and name == "allowed")
    return ", ".join(_said(part, estimands, language) for part in value.split(", "))


_NAMED_AFTER: Final = frozenset(
    {
        codes.Estimator.CALLAWAY_SANTANNA,
        codes.Estimator.SUN_ABRAHAM,
        codes.StandardError.NEWEY_WEST,
        codes.StandardError.ABADIE_IMBENS,
        codes.DfMethod.KENWARD_ROGER,
        codes.DfMethod.SATTERTHWAITE,
        codes.WorkingModel.HUSSEY_HUGHES,
        codes.Adjustment.WESTFALL_YOUNG,
        codes.Adjustment.ROMANO_WOLF,
    }
)
"""Codes that begin with somebody's name, which keeps its capital."""


def _said(code: str, estimand: bool, language: Language) -> str:
    if code in PARTS:
        return translate(PARTS[code][0], language).lower()
    said = term(f"estimand_{code}" if estimand else code, language)
    return said if said[1:2].isupper() or code in _NAMED_AFTER else said[:1].lower() + said[1:]

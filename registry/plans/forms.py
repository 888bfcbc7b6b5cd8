"""The plan form: typed fields to the keys of a plan file and back, and a finding in the plan to its field. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from effects.codes import BootstrapKind, Change, Claim, FixedEffect, Role
from effects.errors import Finding
from effects.planning.sections import SCHEMA
from registry.indicators.schemas import AgreedIndicator
from registry.plans.schemas import OutcomeRow, PlanForm

COLUMNS: Final = (
    "unit",
    "period",
    "cluster",
    "treated",
    "first_treated",
    "received",
    "start",
    "group",
    "weight",
    "strata",
    "sequence",
    "persons",
)
"""Keys of the section `data`, in the order of the form."""

_SECTIONS: Final = {
    "model": ("estimator", "control", "change", "harmonics", "period_length", "working_model", "fixed_effects"),
    "inference": ("standard_error", "working_variance", "level", "seed"),
    "missing": ("method",),
    "survey": ("wave", "fpc"),
    "multiplicity": ("primary", "secondary"),
}
_OUTCOME: Final = re.compile(r"outcome\[(\d+)\](?:\.(\w+))?")
_ROW: Final = ("role", "claim", "minimal_important", "margin", "covariates")


def stated(form: PlanForm, before: Mapping[str, Any], agreed: Iterable[AgreedIndicator]) -> dict[str, Any]:
    """The keys of the plan file: those of `before` that the form has no field for, and what was typed."""
    mapping = {**before, "schema": SCHEMA, "title": form.title, "design": form.design, "estimand": form.estimand}
    mapping["data"] = _filled({**_section(before, "data"), **{name: getattr(form, name) for name in COLUMNS}})
    if form.start:
        mapping["data"]["start"] = _moment(form.start)
    for section, names in _SECTIONS.items():
        mapping[section] = _filled({**_section(before, section), **{name: getattr(form, name) for name in names}})
    mapping["inference"] = _resampled(form, mapping["inference"])
    earlier = {outcome["column"]: outcome for outcome in _outcomes(before)}
    known = {indicator.code: indicator for indicator in agreed}
    mapping["outcome"] = [
        _outcome(row, earlier.get(row.column, {}), known.get(row.column)) for row in form.outcomes if row.role
    ]
    plain: dict[str, Any] = msgspec.to_builtins({key: value for key, value in mapping.items() if value != {}})
    return plain


def _resampled(form: PlanForm, inference: Mapping[str, Any]) -> dict[str, Any]:
    """The section with the second opinions that are asked for, each a table; a cleared field takes its own away."""
    asked = {name: value for name, value in inference.items() if name not in ("permutation", "bootstrap")}
    if form.permutation is not None:
        asked["permutation"] = {**inference.get("permutation", {}), "draws": form.permutation}
    if form.bootstrap is not None:
        kind = {"kind": BootstrapKind.WILD}
        asked["bootstrap"] = {**kind, **inference.get("bootstrap", {}), "weights": form.bootstrap}
    return asked


def typed(mapping: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The form's fields filled from a plan, numbers as the language writes them."""
    values = {name: mapping[name] for name in ("title", "design", "estimand") if name in mapping}
    for section, names in {"data": COLUMNS, **_SECTIONS}.items():
        values |= {name: value for name, value in _section(mapping, section).items() if name in names}
    inference = _section(mapping, "inference")
    for name, key in (("permutation", "draws"), ("bootstrap", "weights")):
        if key in _section(inference, name):
            values[name] = inference[name][key]
    return {f"form.{name}": _written(value, language) for name, value in values.items()}


def rows(
    values: Mapping[str, Any], mapping: Mapping[str, Any], agreed: Sequence[AgreedIndicator], language: str
) -> list[dict[str, Any]]:
    """The rows of outcomes: what was typed, else the plan's own and the agreed ones that it lacks."""
    known = {indicator.code: indicator for indicator in agreed}
    if "form.outcomes.column" in values:
        columns = {name: _many(values.get(f"form.outcomes.{name}", ())) for name in ("column", *_ROW)}
        listed = [dict(zip(columns, row, strict=False)) for row in zip(*columns.values(), strict=False)]
    else:
        stated = [*_outcomes(mapping), *_agreed_rows(mapping, agreed)]
        listed = [{name: _written(row.get(name, ""), language) for name in ("column", *_ROW)} for row in stated]
    return [{**row, "agreed": known.get(row["column"])} for row in listed]


def placed(findings: Iterable[Finding], form: PlanForm) -> tuple[Finding, ...]:
    """Findings of a plan made from the form, at the fields of the form."""
    places = [place for place, row in enumerate(form.outcomes) if row.role]
    return tuple(replace(finding, where=_field(finding.where, places)) for finding in findings)


def _field(where: str, places: Sequence[int]) -> str:
    if match := _OUTCOME.match(where):
        place = places[int(match[1])] if int(match[1]) < len(places) else 0
        return f"form.outcomes.{place}.{match[2] or 'column'}"
    section, _, key = where.partition(".")
    return f"form.{key.partition('.')[0] or section}"


def _outcome(row: OutcomeRow, before: Mapping[str, Any], indicator: AgreedIndicator | None) -> dict[str, Any]:
    agreed = (
        {} if indicator is None else {"name": indicator.name, "domain": indicator.domain, "better": indicator.better}
    )
    covariates = [term.strip() for term in row.covariates.split(",") if term.strip()]
    changed = {name: getattr(row, name) for name in ("column", "role", "claim", "minimal_important", "margin")}
    return _filled({**(before or agreed), **changed, "covariates": covariates})


def _agreed_rows(mapping: Mapping[str, Any], agreed: Sequence[AgreedIndicator]) -> list[dict[str, Any]]:
    """In a new plan the agreed indicators have their agreed roles; what an existing plan left out stays out.

    A guardrail is there to be not worse, which is therefore what it claims until somebody says otherwise.
    """
    present = {outcome["column"] for outcome in _outcomes(mapping)}
    return [
        {
            "column": indicator.code,
            "role": "" if mapping else indicator.role,
            "claim": Claim.NOT_WORSE if indicator.role == Role.GUARDRAIL else "",
            "minimal_important": indicator.minimal_important,
            "margin": indicator.margin,
        }
        for indicator in agreed
        if indicator.code not in present
    ]


def _written(value: Any, language: str) -> Any:
    """A number so that the form reads the same one back; a list of terms as they are typed."""
    if isinstance(value, float):
        return repr(value).replace(".", ",") if language == "da" else repr(value)
    if isinstance(value, list) and not all(one in {*FixedEffect, *Change} for one in value):
        return ", ".join(str(item) for item in value)
    return "" if value is None else value


def _section(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section: Mapping[str, Any] = mapping.get(name, {})
    return section


def _outcomes(mapping: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    outcomes: Sequence[Mapping[str, Any]] = mapping.get("outcome", ())
    return outcomes


def _filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", (), [])}


def _moment(text: str) -> int | float | str:
    """A start as a plan file states it: a number, or a date in text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]

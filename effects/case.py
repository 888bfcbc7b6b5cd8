"""A case: everything a recommendation about one technology is made from, as stated facts.

The file form (CASE.toml) has the tables ``[case]``, ``[[indicator]]``, ``[portfolio]``, ``[economy]`` and ``[gates]``.
What is not stated is not known; an empty list (no guardrail, no earlier look) is a statement that there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from effects.errors import EffectsError, Finding
from effects.planning.reading import TableReader
from effects.rules.case_reading import read_fields, read_indicator
from effects.rules.economy import Economy, contradictions
from effects.rules.facts import Findings
from effects.rules.indicator import Count, Flag, Indicator, Number, Share, Shares, Text
from effects.rules.ruleset import load_ruleset, shipped
from effects.serialize import plain

__all__ = ["SCHEMA", "Case", "CaseError", "Economy", "GateFact", "Portfolio", "case_from_mapping", "to_mapping"]

SCHEMA = "virkning-case/1"


class CaseError(EffectsError):
    """The case is unreadable, incomplete or contradicts itself."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The pilots behind the estimates, how far they reach, and what one more would give.

    `pilots` counts those that carry the estimates: 1 means that the estimates are those of a single pilot. Shares are
    of completed pilots (silence) and of the roll-out population (untested). `evsi` and `extension_cost` share a unit.
    What the extension would be (`extension_indicator`, `extension_size`, `extension_date`) is shown, not judged.
    """

    pilots: Count = None
    share_silent: Share = None
    untested_size_classes: Share = None
    untested_target_groups: Share = None
    major_version_change: Flag = None
    municipalities_with_comparison: Count = None
    regions_with_comparison: Count = None
    strata_covered: Flag = None
    extension_feasible: Flag = None
    evsi: Number = None
    extension_cost: Number = None
    extension_assurance: Share = None
    extension_indicator: Text = None
    extension_size: Text = None
    extension_date: Text = None


@dataclass(frozen=True, slots=True)
class GateFact:
    """Whether a gate holds, and what that rests on."""

    holds: Flag
    why: Text = None


@dataclass(frozen=True, slots=True)
class Case:
    """One technology (major version) with its indicators.

    `information` is the share of the planned information at every decision look so far, this one last; none stated
    means that this is the only look. `claims_required` is the r of "at least r of n". `ruleset` is the version of the
    rules asked for.
    """

    technology: str
    indicators: tuple[Indicator, ...]
    portfolio: Portfolio = Portfolio()
    economy: Economy = field(default_factory=Economy)
    gates: Mapping[str, GateFact] = field(default_factory=dict)
    major_version: Text = None
    analysed_by_supplier_or_owner: Flag = None
    claims_required: Count = None
    information: Shares = ()
    ruleset: Text = None


def case_from_mapping(table: Mapping[str, object]) -> Case:
    """The case that a parsed CASE.toml states; CaseError with all findings at once, unknown keys among them."""
    findings: Findings = []
    reader = TableReader(table, "", findings)
    reader.take("schema")
    head = reader.table("case", required=True)
    stated = read_fields(Case, head, findings)
    read = [read_indicator(item, findings) for item in reader.tables("indicator")]
    economy, portfolio = reader.table("economy"), reader.table("portfolio")
    valued = _read_economy(economy, findings)
    reached = read_fields(Portfolio, portfolio, findings)
    gates = _read_gates(reader.table("gates"), findings)
    for closed in (head, economy, portfolio, reader):
        closed.close()
    indicators = tuple(indicator for indicator in read if indicator is not None)
    case = Case(
        **{"technology": "", **stated, "indicators": indicators},
        economy=valued,
        portfolio=Portfolio(**reached),
        gates=gates,
    )
    if len(indicators) == len(read):
        findings.extend(_contradictions(case))
    if findings:
        raise CaseError(findings)
    return case


def to_mapping(case: Case) -> dict[str, object]:
    """The case as the tables of CASE.toml, without what is not known; `case_from_mapping` reads it back equal."""
    head = _stated(case)
    for name in ("indicators", "portfolio", "economy", "gates"):
        head.pop(name, None)
    tables: dict[str, object] = {
        "portfolio": _stated(case.portfolio),
        "economy": _stated(case.economy),
        "gates": {name: _stated(fact) for name, fact in case.gates.items()},
    }
    return {
        "schema": SCHEMA,
        "case": head,
        "indicator": [_indicator(indicator) for indicator in case.indicators],
        **{name: entries for name, entries in tables.items() if entries},
    }


def _indicator(indicator: Indicator) -> dict[str, object]:
    entries = _stated(indicator)
    if indicator.studies:
        entries["study"] = [_stated(study) for study in indicator.studies]
        del entries["studies"]
    return entries


def _stated(record: object) -> dict[str, object]:
    values = plain(record)
    entries = values.items() if isinstance(values, Mapping) else ()
    return {name: value for name, value in entries if value is not None and value not in ([], {})}


def _read_economy(reader: TableReader, findings: Findings) -> Economy:
    before = len(findings)
    economy = Economy(**read_fields(Economy, reader, findings))
    if len(findings) == before:
        findings.extend(contradictions(economy, "economy"))
    return economy


def _read_gates(reader: TableReader, findings: Findings) -> Mapping[str, GateFact]:
    facts: dict[str, GateFact] = {}
    for name in load_ruleset().gates:
        value = reader.take(name)
        if isinstance(value, Mapping):
            inner = reader.table(name)
            facts[name] = GateFact(**{"holds": None} | read_fields(GateFact, inner, findings))
            inner.close()
        elif isinstance(value, bool):
            facts[name] = GateFact(value)
        elif value is not None:
            findings.append(
                Finding(
                    reader.at(name),
                    "not_a_gate",
                    "{key} must be true, false or a table.",
                    'Write {key} = true, or {key} = {{ holds = true, why = "..." }}.',
                    {"key": name},
                )
            )
    reader.close()
    return facts


def _contradictions(case: Case) -> Findings:
    found: Findings = []
    if not case.indicators:
        found.append(
            Finding("indicator", "no_indicator", "The case has no indicator.", "State at least one as [[indicator]].")
        )
    found.extend(_indicator_contradictions(case.indicators))
    found.extend(_more_studies_than_pilots(case))
    if case.ruleset is not None and case.ruleset not in shipped():
        found.append(
            Finding(
                "case.ruleset",
                "unknown_code",
                "{value} is not a version of the rules.",
                "Use one of: {allowed}.",
                {"value": case.ruleset[:80], "allowed": ", ".join(shipped())},
            )
        )
    if list(case.information) != sorted(set(case.information)) or 0 in case.information:
        found.append(
            Finding(
                "case.information",
                "not_increasing",
                "The information at the looks does not increase.",
                "State the share at every look in their order, such as [0.5, 1.0].",
            )
        )
    if case.claims_required == 0:
        found.append(
            Finding(
                "case.claims_required",
                "no_claims_required",
                "No claim is required to be proven.",
                "State at least 1.",
            )
        )
    return found


def _more_studies_than_pilots(case: Case) -> Findings:
    pilots = case.portfolio.pilots
    if pilots is None:
        return []
    return [
        Finding(
            f"indicator[{place}].study",
            "more_studies_than_pilots",
            "{studies} studies are stated, but the estimates are those of {pilots} pilots.",
            "State in portfolio.pilots how many pilots carry the estimates.",
            {"studies": len(indicator.studies), "pilots": pilots},
        )
        for place, indicator in enumerate(case.indicators)
        if len(indicator.studies) > pilots
    ]


def _indicator_contradictions(indicators: tuple[Indicator, ...]) -> Findings:
    found: Findings = []
    names = [indicator.name for indicator in indicators]
    designs = load_ruleset().designs
    for place, indicator in enumerate(indicators):
        if indicator.name in names[:place]:
            found.append(
                Finding(
                    f"indicator[{place}].name",
                    "repeated_name",
                    "{name} is stated twice.",
                    "Give every indicator its own name.",
                    {"name": indicator.name},
                )
            )
        if indicator.design is not None and indicator.design not in designs:
            found.append(
                Finding(
                    f"indicator[{place}].design",
                    "unknown_code",
                    "{value} is not a known design.",
                    "Use one of: {allowed}.",
                    {"value": indicator.design[:80], "allowed": ", ".join(designs)},
                )
            )
    return found

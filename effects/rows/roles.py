"""The columns of a plan, read and checked before any outcome is analysed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from effects.codes import Better, Design
from effects.domain_index import BY_METHOD
from effects.errors import DataError, Finding
from effects.linear_model import Obstacle
from effects.planning.sections import Index, Outcome, PlanSections
from effects.rows.assigned import assigned
from effects.rows.column_reading import ColumnReader, Levels
from effects.rows.columns import Numbers
from effects.rows.covariates import Covariate, read_covariates
from effects.rows.survey_columns import survey_findings
from effects.rows.timing import Timing, read_timing
from effects.sources import Source

MOST_LEVELS: Final = 50


@dataclass(frozen=True, slots=True)
class OutcomeColumns:
    """One outcome over all rows (n,), with its covariates; `obstacle` where an index could not be made."""

    stated: Outcome
    values: Numbers
    covariates: tuple[Covariate, ...]
    offset: Numbers | None = None
    obstacle: Obstacle | None = None


@dataclass(frozen=True, slots=True)
class Roles:
    """Every column that the plan names, over all rows (n,); None where the plan is silent.

    `treated` is the stated column, else what group, wave and timing say: 1 where and when treatment is assigned.
    """

    rows: int
    treated: Numbers | None
    received: Numbers | None
    weight: Numbers | None
    persons: Numbers | None
    unit: Levels | None
    period: Levels | None
    cluster: Levels | None
    strata: Levels | None
    sequence: Levels | None
    outcomes: tuple[OutcomeColumns, ...]
    subgroups: tuple[tuple[str, Levels], ...]
    group: Numbers | None = None
    wave: Numbers | None = None
    fpc: Numbers | None = None
    timing: Timing | None = None
    margins: Mapping[str, Levels] = field(default_factory=dict)


def read_roles(source: Source, plan: PlanSections) -> Roles:
    """All columns of the plan; raises DataError with every column and value that cannot carry it."""
    reader, data = ColumnReader(source), plan.data
    unit, period = reader.levels(data.unit, "data.unit"), reader.periods(data.period, "data.period")
    timing = read_timing(data, period, unit, reader)
    group, wave = reader.binary(data.group, "data.group"), reader.binary(plan.survey.wave, "survey.wave")
    stated = reader.binary(data.treated, "data.treated")
    roles = Roles(
        rows=source.rows,
        treated=assigned(plan.design, period, timing, group, wave) if data.treated is None else stated,
        received=reader.numbers(data.received, "data.received"),
        weight=reader.amounts(data.weight, "data.weight"),
        persons=reader.amounts(data.persons, "data.persons"),
        unit=unit,
        period=period,
        cluster=reader.levels(data.assignment, "data.cluster" if data.cluster else "data.unit"),
        strata=reader.levels(data.strata, "data.strata"),
        sequence=reader.levels(data.sequence, "data.sequence"),
        outcomes=_outcomes(plan, reader),
        subgroups=_subgroups(plan, reader),
        group=group,
        wave=wave,
        fpc=reader.amounts(plan.survey.fpc, "survey.fpc"),
        timing=timing,
        margins=_margins(plan, reader),
    )
    answers = [outcome.values for outcome in roles.outcomes]
    surveyed = survey_findings(plan.survey, roles.margins, roles.strata, roles.fpc, answers)
    findings = [*_once(reader.findings), *_mixed_clusters(plan, roles), *surveyed]
    if findings:
        raise DataError(findings)
    return replace(roles, outcomes=(*roles.outcomes, *(_index(index, roles) for index in plan.indices)))


def _index(index: Index, roles: Roles) -> OutcomeColumns:
    """The index made of the outcomes that were read."""
    read = {outcome.stated.column: outcome for outcome in roles.outcomes}
    parts = [read[column] for column in index.outcomes]
    better = np.array([1.0 if part.stated.better is Better.HIGHER else -1.0 for part in parts])
    treated = np.full(roles.rows, np.nan) if roles.treated is None else roles.treated
    found = BY_METHOD[index.method](np.column_stack([part.values for part in parts]), treated, better)
    if isinstance(found, Obstacle):
        return OutcomeColumns(index.outcome, np.full(roles.rows, np.nan), (), obstacle=found)
    return OutcomeColumns(index.outcome, found.values, ())


def _outcomes(plan: PlanSections, reader: ColumnReader) -> tuple[OutcomeColumns, ...]:
    columns = []
    for place, outcome in enumerate(plan.outcomes):
        values = reader.numbers(outcome.column, f"outcome[{place}].column")
        covariates = read_covariates(outcome.covariates, reader, f"outcome[{place}].covariates")
        offset = reader.numbers(outcome.offset, f"outcome[{place}].offset")
        if values is not None:
            columns.append(OutcomeColumns(outcome, values, covariates, offset))
    return tuple(columns)


def _subgroups(plan: PlanSections, reader: ColumnReader) -> tuple[tuple[str, Levels], ...]:
    read = [
        (subgroup.column, reader.levels(subgroup.column, f"subgroup[{place}].column"))
        for place, subgroup in enumerate(plan.subgroups)
    ]
    for column, levels in read:
        if levels is not None and len(levels.levels) > MOST_LEVELS:
            reader.findings.append(
                Finding(
                    where="subgroup",
                    code="too_many_levels",
                    message="{column} has {levels} levels, more than {most}.",
                    remedy="Group the levels before the analysis.",
                    params={"column": column, "levels": len(levels.levels), "most": MOST_LEVELS},
                    column=column,
                )
            )
    return tuple((column, levels) for column, levels in read if levels is not None)


def _margins(plan: PlanSections, reader: ColumnReader) -> Mapping[str, Levels]:
    read = {name: reader.levels(name, "survey.margins") for name in plan.survey.margins}
    return {name: levels for name, levels in read.items() if levels is not None}


def _mixed_clusters(plan: PlanSections, roles: Roles) -> list[Finding]:
    if plan.design is not Design.CLUSTER_RANDOMISED or roles.treated is None or roles.cluster is None:
        return []
    known = (roles.cluster.codes >= 0) & ~np.isnan(roles.treated)
    arms = np.zeros((len(roles.cluster.levels), 2), dtype=np.bool_)
    arms[roles.cluster.codes[known], (roles.treated[known] == 1.0).astype(np.int64)] = True
    return [
        Finding(
            where="data.treated",
            code="cluster_in_both_arms",
            message="Cluster {cluster} has rows in both arms.",
            remedy="Treated must be the assignment of the whole cluster; state what was received in data.received.",
            params={"cluster": roles.cluster.levels[place]},
            column=plan.data.treated,
        )
        for place in np.flatnonzero(arms.all(axis=1)).tolist()
    ]


def _once(findings: list[Finding]) -> list[Finding]:
    """One finding for each place of the data, however many parts of the plan read the column."""
    seen: set[tuple[str, int | None, str | None]] = set()
    kept = []
    for finding in findings:
        key = (finding.code, finding.row, finding.column)
        if finding.row is None or key not in seen:
            kept.append(finding)
        seen.add(key)
    return kept

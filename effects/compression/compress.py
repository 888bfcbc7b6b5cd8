"""The planner: the smallest exact statistic for a plan and its rows, or the reason why the rows must be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias

import duckdb

from effects.codes import Design, FixedEffect, StandardError
from effects.compression.blocks import grams_of_blocks, sum_blocks
from effects.compression.conditions import columns_need_rows, value_tests
from effects.compression.groups import GROUP, count_waves, grouped
from effects.compression.plan_reasons import BY_ARM, plan_needs_rows, rows_say_more
from effects.compression.relation import Relation, exact_sum, label_of, open_relation
from effects.compression.sampling import (
    MOST_PEOPLE,
    Counts,
    Sample,
    columns_of,
    count_rows,
    sample_of,
    seems_whole,
    whole_counts,
)
from effects.compression.unit_paths import balanced_paths, grams_of_paths, masked_paths
from effects.compression.units import cells_and_reversals, counted_cells
from effects.compression.within_units import grams_within_units
from effects.message import Message
from effects.moments import Grams, Moments, OutcomeMoments
from effects.plan import AnalysisPlan
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings
from effects.sources import digest_of

Found: TypeAlias = tuple[str, Grams, tuple[int | None, int | None]]
"""A statistic by name, its cross-products, and cells and reversals where the design asks."""

MOST_BLOCKS: Final = 100_000
"""Pairs of cluster and period; beyond, cross-products outgrow the rows."""


def compress(paths: Sequence[Path], plan: AnalysisPlan, settings: Settings, least: int = 0) -> Moments | Message | None:
    """The moments of Parquet files, or why their rows must be read; None where there are fewer than `least` rows."""
    reason = plan_needs_rows(plan, settings) or (rows_say_more(settings) if least else None)
    try:
        with open_relation(paths) as relation:
            ((rows,),) = relation.ask(f"SELECT count(*) FROM {relation.table}")
            if rows < least:
                return None
            reason = reason or columns_need_rows(relation, plan)
            return reason or _compressed(relation, paths, plan, settings, rows)
    except duckdb.Error:
        return Message("the files cannot be asked as one table")


def _compressed(
    relation: Relation, paths: Sequence[Path], plan: AnalysisPlan, settings: Settings, rows: int
) -> Moments | Message:
    digests = tuple(sorted(digest_of(path) for path in paths))
    if len(set(digests)) < len(digests):
        return Message("the same file is given twice")
    whole = _whole(relation, plan, settings, rows, digests) if seems_whole(relation, plan) else None
    if whole is not None:
        return whole
    tests = value_tests(relation, plan)
    counts = count_rows(relation, plan, [test for test, _ in tests])
    failed = [reason for (_, reason), found in zip(tests, counts.satisfied, strict=True) if found]
    return failed[0] if failed else _summed(relation, plan, settings, counts, digests)


def _whole(
    relation: Relation, plan: AnalysisPlan, settings: Settings, rows: int, digests: tuple[str, ...]
) -> Moments | Message | None:
    """The moments of rows of which none is dropped; None where a NaN among them has no place on a grid."""
    try:
        return _summed(relation, plan, settings, whole_counts(relation, plan, rows), digests)
    except duckdb.ConversionException:
        return None


def _summed(
    relation: Relation, plan: AnalysisPlan, settings: Settings, counts: Counts, digests: tuple[str, ...]
) -> Moments | Message:
    outcomes = []
    for place in range(len(plan.outcomes)):
        found = _outcome(relation, plan, settings, counts, place)
        if isinstance(found, Message):
            return found
        outcomes.append(found)
    return Moments(plan.fingerprint, tuple(outcomes), digests, counts.rows, counts.used, counts.dropped)


def _outcome(
    relation: Relation, plan: PlanSections, settings: Settings, counts: Counts, place: int
) -> OutcomeMoments | Message:
    dropped = counts.dropped_by_outcome[place]
    if counts.rows == sum(found.rows for found in dropped):
        return Message("no complete rows")
    outcome = plan.outcomes[place]
    sample = sample_of(relation, plan, outcome, whole=not dropped)
    sample = grouped(sample, plan) if plan.design is Design.TWO_PERIOD_DID else sample
    within = FixedEffect.UNIT in settings.fixed_effects and plan.data.unit not in (None, plan.data.assignment)
    found = _within(relation, sample, settings) if within else _plain(relation, sample, plan, settings)
    if isinstance(found, Message):
        return found
    statistic, grams, (cells, reversals) = found
    return OutcomeMoments(
        outcome=outcome.column,
        statistic=statistic,
        grams=grams,
        dropped=dropped,
        people=_people(relation, sample, plan, grams),
        rows_in_arm=counts.in_arm,
        missing_in_arm=counts.missing_in_arm[place],
        missing=counts.missing[place],
        cells=cells,
        reversals=reversals,
        waves=count_waves(relation, sample) if plan.design is Design.TWO_PERIOD_DID else None,
    )


def _within(relation: Relation, sample: Sample, settings: Settings) -> Found | Message:
    if sample.terms:
        grams = grams_within_units(relation, sample)
        return _UNPLACED if grams is None else ("grams", grams, cells_and_reversals(relation))
    if settings.standard_error is not StandardError.IID:
        balanced = balanced_paths(relation, sample)
        if balanced is not None:
            return "cells", grams_of_paths(balanced), (balanced.cells, balanced.reversals)
    masked = masked_paths(relation, sample)
    return _UNPLACED if masked is None else ("masked_cells", grams_of_paths(masked), (masked.cells, masked.reversals))


def _plain(relation: Relation, sample: Sample, plan: PlanSections, settings: Settings) -> Found | Message:
    cluster = "g"
    if settings.standard_error in BY_ARM or (plan.data.assignment is None):
        cluster = "CAST(t AS BIGINT)"
    effect, level = None, "''"
    if plan.design in (Design.STEPPED_WEDGE, Design.TWO_PERIOD_DID):
        effect, level = "period", "p"
    elif FixedEffect.STRATA in settings.fixed_effects:
        effect, level = "strata", "s"
    ((blocks,),) = relation.ask(f"SELECT count(*) FROM (SELECT DISTINCT {cluster}, {level} FROM {sample.rows})")
    if blocks > MOST_BLOCKS:
        return Message("{cells} cells of cluster and period are too many", {"cells": blocks})
    columns = columns_of(sample, interacted=plan.design is Design.INDIVIDUAL_RANDOMISED)
    if plan.design is Design.TWO_PERIOD_DID:
        columns.insert(1, GROUP)
    found = sum_blocks(relation, sample.rows, columns, cluster, level)
    units = _units(relation, sample, plan, cluster)
    if units is None:
        return Message("a unit stands in several clusters")
    grams = grams_of_blocks(found, columns, effect, units)
    if plan.design is Design.CLUSTER_RANDOMISED and bool(((grams.treated > 0) & (grams.treated < grams.rows)).any()):
        return Message("a cluster has rows in both arms")
    covered = counted_cells(relation, sample) if plan.design is Design.STEPPED_WEDGE else (None, None)
    return "grams" if sample.terms else "cells", grams, covered


def _units(relation: Relation, sample: Sample, plan: PlanSections, cluster: str) -> dict[str, int] | None:
    """Different units of each cluster, rows where the plan states no unit; None where one stands in several."""
    unit = "count(*)" if plan.data.unit is None else "count(DISTINCT u)"
    found = {
        label_of(row[0]): int(row[1])
        for row in relation.ask(f"SELECT {cluster}, {unit} FROM {sample.rows} GROUP BY ALL")
    }
    ((together,),) = relation.ask(f"SELECT {unit} FROM {sample.rows}")
    return found if sum(found.values()) == together else None


def _people(relation: Relation, sample: Sample, plan: PlanSections, grams: Grams) -> tuple[float, float]:
    """People behind the untreated and the treated rows: as stated, else rows."""
    if plan.data.persons is None:
        return float(grams.rows.sum() - grams.treated.sum()), float(grams.treated.sum())
    people = exact_sum("CAST(h AS DOUBLE)", MOST_PEOPLE)
    sums = dict(relation.ask(f"SELECT CAST(t AS BIGINT), {people} FROM {sample.rows} GROUP BY ALL"))
    return sums.get(0, 0.0), sums.get(1, 0.0)


_UNPLACED: Final = Message("a unit stands in several clusters, twice in a period, or in too many periods")

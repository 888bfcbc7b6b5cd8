"""The planner: the smallest exact statistic for a plan and its rows, or the reason why the rows must be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias

import duckdb

from effects.codes import Design, FixedEffect, StandardError
from effects.compression.blocks import block_question, blocks_of, grams_of_blocks
from effects.compression.conditions import columns_need_rows, value_tests
from effects.compression.groups import GROUP, count_waves, grouped
from effects.compression.parts import Question
from effects.compression.plan_reasons import BY_ARM, plan_needs_rows, rows_say_more
from effects.compression.relation import Relation, label_of, open_relation, real, whole_sum
from effects.compression.sampling import (
    MOST_PEOPLE,
    Counts,
    Sample,
    columns_of,
    count_rows,
    sample_of,
    whole_counts,
)
from effects.compression.starts import find_starts
from effects.compression.unit_changes import sum_changes
from effects.compression.unit_paths import balanced_paths, grams_of_paths, masked_paths
from effects.compression.units import counted_cells
from effects.compression.unmeasured import unmeasured
from effects.compression.within_units import grams_within_units
from effects.message import Message
from effects.moments import Grams, Moments, OutcomeMoments
from effects.plan import AnalysisPlan
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings

Found: TypeAlias = tuple[str, Grams, tuple[int | None, int | None]]
"""A statistic by name, its cross-products, and cells and reversals where the design asks."""

MOST_BLOCKS: Final = 100_000
"""Pairs of cluster and period; beyond, cross-products outgrow the rows."""

MOST_PRODUCTS: Final = 50_000_000
"""Clusters times columns squared: 400 MB; beyond, cross-products outgrow memory."""


def compress(
    paths: Sequence[Path], plan: AnalysisPlan, settings: Settings, least: int = 0, *, partly: bool = False
) -> Moments | Message | None:
    """The moments of Parquet files, or why their rows must be read; None where there are fewer than `least` rows.

    `partly`: outcomes without a complete row have moments of no clusters, where another has some.
    Raises DataError for files that cannot be opened, or change while they are read.
    """
    reason = plan_needs_rows(plan, settings) or (rows_say_more(settings) if least else None)
    try:
        with open_relation(paths, plan.data.unit) as relation:
            if relation.rows < least:
                return None
            reason = reason or columns_need_rows(relation, plan)
            return reason or _compressed(relation, plan, settings, partly=partly)
    except duckdb.Error:
        return Message("the files cannot be asked as one table")


def _compressed(relation: Relation, plan: AnalysisPlan, settings: Settings, *, partly: bool) -> Moments | Message:
    if len(set(relation.digests)) < len(relation.digests):
        return Message("the same file is given twice")
    sound = whole_counts(relation, plan)
    whole = None if sound is None else _whole(relation, plan, settings, sound)
    if whole is not None:
        return whole
    tests = value_tests(relation, plan)
    counts = count_rows(relation, plan, [test for test, _ in tests])
    failed = [reason for (_, reason), found in zip(tests, counts.satisfied, strict=True) if found]
    return failed[0] if failed else _summed(relation, plan, settings, counts, partly=partly)


def _whole(relation: Relation, plan: AnalysisPlan, settings: Settings, counts: Counts) -> Moments | Message | None:
    """The moments of rows of which none is dropped; None where a NaN among them has no place on a grid."""
    try:
        return _summed(relation, plan, settings, counts)
    except duckdb.ConversionException:
        return None


def _summed(
    relation: Relation, plan: AnalysisPlan, settings: Settings, counts: Counts, *, partly: bool = False
) -> Moments | Message:
    outcomes = []
    empty = [counts.rows == sum(found.rows for found in dropped) for dropped in counts.dropped_by_outcome]
    for place in range(len(plan.outcomes)):
        absent = partly and empty[place] and not all(empty)
        found = (unmeasured if absent else _outcome)(relation, plan, settings, counts, place)
        if isinstance(found, Message):
            return found
        outcomes.append(found)
    digests = tuple(sorted(relation.digests))
    return Moments(plan.fingerprint, tuple(outcomes), digests, counts.rows, counts.used, counts.dropped)


def _outcome(
    relation: Relation, plan: PlanSections, settings: Settings, counts: Counts, place: int
) -> OutcomeMoments | Message:
    dropped = counts.dropped_by_outcome[place]
    if counts.rows == sum(found.rows for found in dropped):
        return Message("no complete rows")
    outcome = plan.outcomes[place]
    sample = sample_of(relation, plan, outcome, whole=not dropped)
    if plan.design is Design.TWO_PERIOD_DID:
        sample, relation = grouped(sample, plan), relation.whole if plan.data.unit else relation.together
    changes = sum_changes(relation, sample, plan) if plan.design is Design.STAGGERED_ADOPTION else None
    if isinstance(changes, Message):
        return changes
    within = FixedEffect.UNIT in settings.fixed_effects and plan.data.unit not in (None, plan.data.assignment)
    found: Found | Message
    if changes is not None:
        found = "changes", changes[1], (None, None)
    else:
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
        changes=None if changes is None else changes[0],
        starts=find_starts(relation, plan) if plan.design is Design.STEPPED_WEDGE and not grams.demeaned else None,
        waves=count_waves(relation, sample) if plan.design is Design.TWO_PERIOD_DID else None,
    )


def _within(relation: Relation, sample: Sample, settings: Settings) -> Found | Message:
    if sample.terms:
        within = grams_within_units(relation, sample)
        return _UNPLACED if within is None else ("grams", *within)
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
    columns = columns_of(sample, interacted=plan.design is Design.INDIVIDUAL_RANDOMISED)
    if plan.design is Design.TWO_PERIOD_DID:
        columns.insert(1, GROUP)
    blocks = f"SELECT DISTINCT {cluster}, {level} FROM {sample.rows}"
    found = relation.gather(Question(blocks, 2, MOST_BLOCKS), block_question(sample.rows, columns, cluster, level))
    if len(found) < 2:
        ((number,),) = relation.ask(f"SELECT count(*) FROM ({blocks})")
        return Message("{cells} cells of cluster and period are too many", {"cells": number})
    units = _units(relation, sample, plan, cluster)
    if units is None:
        return Message("a unit stands in several clusters")
    summed = blocks_of(found[1], columns)
    clusters, width = len(summed.clusters), len(summed.levels) + len(columns) + 1
    if clusters * width**2 > MOST_PRODUCTS:
        told = {"clusters": clusters, "columns": width}
        return Message("cross-products of {columns} columns in {clusters} clusters are too many", told)
    grams = grams_of_blocks(summed, columns, effect, units)
    if plan.design is Design.CLUSTER_RANDOMISED and bool(((grams.treated > 0) & (grams.treated < grams.rows)).any()):
        return Message("a cluster has rows in both arms")
    covered = counted_cells(relation, sample) if plan.design is Design.STEPPED_WEDGE else (None, None)
    return "grams" if sample.terms else "cells", grams, covered


def _units(relation: Relation, sample: Sample, plan: PlanSections, cluster: str) -> dict[str, int] | None:
    """Different units of each cluster, rows where the plan states no unit; None where one stands in several."""
    unit = "count(*)" if plan.data.unit is None else "count(DISTINCT u)"
    by_cluster, ((together,),) = relation.whole.gather(
        Question(f"SELECT {cluster}, {unit} FROM {sample.rows} GROUP BY ALL", 1),
        Question(f"SELECT {unit} FROM {sample.rows}", 0),
    )
    found = {label_of(name): int(units) for name, units in by_cluster}
    return found if sum(found.values()) == together else None


def _people(relation: Relation, sample: Sample, plan: PlanSections, grams: Grams) -> tuple[float, float]:
    """People behind the untreated and the treated rows: as stated, else rows."""
    if plan.data.persons is None:
        return float(grams.rows.sum() - grams.treated.sum()), float(grams.treated.sum())
    people = whole_sum("CAST(h AS DOUBLE)", MOST_PEOPLE)
    (sums,) = relation.gather(Question(f"SELECT CAST(t AS BIGINT), {people} FROM {sample.rows} GROUP BY ALL", 1))
    found = {arm: real(total, MOST_PEOPLE) for arm, total in sums}
    return found.get(0, 0.0), found.get(1, 0.0)


_UNPLACED: Final = Message("a unit stands in several clusters, twice in a period, or in too many periods")
